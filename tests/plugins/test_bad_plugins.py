"""Each way a plugin can break the contract, as a distribution that is really installed.

Every one of them gives one named error that says whose plugin it is and what to do.
"""

import pytest

from dcss_core.errors import ConfigurationError, PluginError
from dcss_core.plugins import load_plugins

DECLARES = "from dcss_core.plugins import StorageBackend, NotificationChannel, JurisdictionRules, hookimpl\n"


def refused(site, code: str, **installed: object) -> PluginError:
    site.install("dcss-core-bad", DECLARES + code, **installed)
    with pytest.raises(PluginError) as caught:
        load_plugins()
    assert caught.value.distribution == "dcss-core-bad"
    assert str(caught.value).startswith("plugin 'dcss-core-bad': ")
    return caught.value


@pytest.mark.parametrize("raised", ["RuntimeError('no driver')", "SystemExit('no driver')"])
def test_a_plugin_that_raises_on_import_does_not_end_the_host(site, raised):
    error = refused(site, f"raise {raised}")

    assert "its import raised" in str(error)
    assert "no driver" in str(error)
    assert "Repair or uninstall it" in str(error)
    assert str(error.__cause__) == "no driver"


def test_a_plugin_whose_module_is_missing_is_named(site):
    site.install("dcss-core-bad", "")
    (site.folder / "dcss_core_bad_planted.py").unlink()

    with pytest.raises(PluginError, match=r"'dcss-core-bad': its import raised ModuleNotFoundError"):
        load_plugins()


def test_a_misspelt_hook_is_answered_with_the_nearest_name(site):
    error = refused(site, "@hookimpl\ndef dcss_storage_backend():\n    return []\n")

    assert "dcss_storage_backend: found an unknown hook; did you mean 'dcss_storage_backends'?" in str(error)
    assert len(error.faults) == 1


def test_a_misspelt_hook_without_marker_is_found_too(site):
    error = refused(site, "def dcss_jurisdiction():\n    return []\n")

    assert "did you mean 'dcss_jurisdictions'?" in str(error)


def test_an_unmarked_hook_is_told_to_be_marked(site):
    error = refused(site, "def dcss_jurisdictions():\n    return []\n")

    assert "dcss_jurisdictions: found no @hookimpl" in str(error)


def test_a_marked_function_with_another_name_is_no_hook(site):
    error = refused(site, "@hookimpl\ndef storages():\n    return []\n")

    assert "storages: found an unknown hook, expected one of dcss_storage_backends" in str(error)


def test_a_hook_that_cannot_be_called_is_refused(site):
    error = refused(site, "dcss_storage_backends = []\n")

    assert "dcss_storage_backends: found a list, which can't be called" in str(error)


def test_a_plugin_without_any_hook_is_refused(site):
    error = refused(site, "import dcss_core\nname = 'dcss_storage_backends'\n")

    assert "the plugin: found no hook, expected one of dcss_storage_backends" in str(error)


def test_a_hook_with_an_argument_is_refused_before_it_is_called(site):
    error = refused(site, "@hookimpl\ndef dcss_storage_backends(url):\n    raise AssertionError\n")

    assert "dcss_storage_backends(): found the argument 'url', expected no arguments" in str(error)


def test_a_hook_with_a_default_argument_is_refused_without_showing_the_default(site):
    error = refused(site, "@hookimpl\ndef dcss_storage_backends(password='hunter2'):\n    return []\n")

    assert "found the argument 'password' with a default, expected no arguments" in str(error)
    assert "hunter2" not in str(error)


def test_an_async_hook_is_refused_before_it_is_called(site):
    error = refused(site, "@hookimpl\nasync def dcss_storage_backends():\n    return []\n")

    assert "dcss_storage_backends(): found an async function" in str(error)


@pytest.mark.parametrize(
    "option", ["tryfirst", "trylast", "wrapper", "hookwrapper", "optionalhook", "specname"]
)
def test_a_hook_takes_no_options(site, option):
    value = "'dcss_jurisdictions'" if option == "specname" else "True"
    error = refused(site, f"@hookimpl({option}={value})\ndef dcss_storage_backends():\n    yield\n")

    assert f"found @hookimpl({option}=…), expected @hookimpl without options" in str(error)


def test_every_fault_of_the_hooks_is_told_at_once(site):
    error = refused(
        site,
        "@hookimpl(tryfirst=True)\ndef dcss_storage_backends(url):\n    return []\n"
        "@hookimpl\ndef dcss_event_subscriber():\n    return []\n",
    )

    assert [fault.where for fault in error.faults] == [
        "dcss_event_subscriber",
        "dcss_storage_backends",
        "dcss_storage_backends()",
    ]


@pytest.mark.parametrize(
    ("returned", "found"),
    [
        ("None", "a NoneType"),
        ("7", "a int"),
        ("'sqlite'", "a str"),
        ("b'sqlite'", "a bytes"),
        ("StorageBackend('sqlite', 'SQLite', open)", "a single StorageBackend"),
    ],
)
def test_a_hook_that_returns_no_iterable_is_refused(site, returned, found):
    error = refused(site, f"@hookimpl\ndef dcss_storage_backends():\n    return {returned}\n")

    assert f"dcss_storage_backends(): found {found}, expected an iterable of StorageBackend" in str(error)


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("None", "a NoneType"),
        ("NotificationChannel('sqlite', 'SQLite', open)", "a NotificationChannel"),
        ("type('Own', (StorageBackend,), {})('sqlite', 'SQLite', open)", "a Own"),
    ],
)
def test_a_hook_that_declares_something_of_another_type_is_refused(site, declared, found):
    error = refused(site, f"@hookimpl\ndef dcss_storage_backends():\n    return [{declared}]\n")

    assert f"dcss_storage_backends()[0]: found {found}, expected a StorageBackend" in str(error)


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ("StorageBackend('SQLite', 'SQLite', open)", "[0].key: found 'SQLite', expected a URL scheme"),
        ("StorageBackend('a b', 'SQLite', open)", "[0].key: found 'a b', expected a URL scheme"),
        ("StorageBackend('sqlite:', 'SQLite', open)", "[0].key: found 'sqlite:', expected a URL scheme"),
        ("StorageBackend('', 'SQLite', open)", "[0].key: found '', expected a URL scheme"),
        ("StorageBackend(['sqlite'], 'SQLite', open)", "[0].key: found ['sqlite'], expected a URL scheme"),
        ("StorageBackend('sqlite', '  ', open)", "[0].summary: found no text, expected one line"),
        ("StorageBackend('sqlite', None, open)", "[0].summary: found no text, expected one line"),
        ("StorageBackend('sqlite', 'SQLite', None)", "[0].factory: found a NoneType, expected something"),
    ],
)
def test_a_storage_that_is_not_well_declared_is_refused(site, declared, fault):
    error = refused(site, f"@hookimpl\ndef dcss_storage_backends():\n    return [{declared}]\n")

    assert f"dcss_storage_backends(){fault}" in str(error)
    assert len(error.faults) == 1


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ("JurisdictionRules('us-ga', 'Georgia', open)", "[0].key: found 'us-ga', expected a jurisdiction"),
        ("JurisdictionRules('US-GA', 'Georgia', open, 'us')", "[0].extends: found 'us', expected a juris"),
        ("JurisdictionRules('US-GA', 'Georgia', open, None)", "[0].extends: found None, expected None for"),
        ("JurisdictionRules('US', 'Federal', open, 'US-GA')", "[0].extends: found US-GA, expected None for"),
    ],
)
def test_a_jurisdiction_that_is_not_well_declared_is_refused(site, declared, fault):
    error = refused(site, f"@hookimpl\ndef dcss_jurisdictions():\n    return [{declared}]\n")

    assert f"dcss_jurisdictions(){fault}" in str(error)
    assert len(error.faults) == 1


def test_every_fault_of_the_declarations_is_told_at_once(site):
    error = refused(
        site, "@hookimpl\ndef dcss_storage_backends():\n    return [StorageBackend('A', '', None), None]\n"
    )

    assert [fault.where for fault in error.faults] == [
        "dcss_storage_backends()[0].key",
        "dcss_storage_backends()[0].summary",
        "dcss_storage_backends()[0].factory",
        "dcss_storage_backends()[1]",
    ]


def test_a_plugin_that_declares_a_key_twice_is_refused(site):
    error = refused(
        site,
        "@hookimpl\ndef dcss_storage_backends():\n    return 2 * [StorageBackend('sqlite', 'SQL', open)]\n",
    )

    assert "dcss_storage_backends()[1].key: found 'sqlite' a second time, expected each key once" in str(
        error
    )


def test_two_distributions_that_declare_the_same_key_are_both_named(site):
    site.install_storage("dcss-core-one", "sqlite")
    site.install_storage("dcss-core-two", "sqlite")

    with pytest.raises(PluginError) as caught:
        load_plugins()

    assert caught.value.distribution == "dcss-core-one"
    assert "storage 'sqlite': found declared by dcss-core-two 1.0 (entry point 'sqlite') as well" in str(
        caught.value
    )
    assert "uninstall one of them" in str(caught.value)


def test_a_generator_that_raises_late_is_refused_whole(site):
    error = refused(
        site,
        "@hookimpl\ndef dcss_storage_backends():\n"
        "    yield StorageBackend('sqlite', 'SQLite', open)\n    raise OSError('disk')\n",
    )

    assert "its hook dcss_storage_backends() raised OSError: disk" in str(error)
    assert isinstance(error.__cause__, OSError)


def test_a_hook_that_raises_is_refused(site):
    error = refused(site, "@hookimpl\ndef dcss_storage_backends():\n    raise KeyError('HOME')\n")

    assert "its hook dcss_storage_backends() raised KeyError" in str(error)


@pytest.mark.parametrize(
    ("group", "version"),
    [
        ("dcss_core.v2", "API v2 (entry point group 'dcss_core.v2')"),
        ("dcss_core.v0", "API v0 (entry point group 'dcss_core.v0')"),
        ("dcss_core", "API of no version (entry point group 'dcss_core')"),
    ],
)
def test_a_plugin_in_the_group_of_another_api_is_refused_without_importing_it(site, group, version):
    error = refused(site, "raise AssertionError('imported')", entry_points={group: ("main",)})

    assert f"it is made for {version}; this library offers v1" in str(error)
    assert "Install a version of it made for v1" in str(error)


def test_a_module_that_states_another_api_is_refused(site):
    error = refused(site, "DCSS_CORE_API = 2\n@hookimpl\ndef dcss_later_hook(argument):\n    return []\n")

    assert "it is made for API v2 (its DCSS_CORE_API); this library offers v1" in str(error)


def test_a_required_plugin_that_is_not_installed_is_named_with_the_command_that_installs_it(site):
    site.install_storage("dcss-core-one", "one")

    with pytest.raises(ConfigurationError) as caught:
        load_plugins(required=["dcss-core-sql", "dcss-core-one", "dcss-core-smtp"])

    assert [fault.where for fault in caught.value.faults] == [
        "required plugin 'dcss-core-sql'",
        "required plugin 'dcss-core-smtp'",
    ]
    assert "found not installed, expected loaded: pip install --upgrade dcss-core-sql" in str(caught.value)


def test_all_bad_plugins_are_named_in_one_refusal(site):
    site.install("dcss-core-b", "raise RuntimeError('b')")
    site.install("dcss-core-a", "raise RuntimeError('a')")

    with pytest.raises(PluginError) as caught:
        load_plugins()

    assert caught.value.distribution == "dcss-core-a"
    assert caught.value.__notes__ == [
        "another refused plugin: plugin 'dcss-core-b': its import raised RuntimeError: b. "
        "Repair or uninstall it; the cause is attached"
    ]
