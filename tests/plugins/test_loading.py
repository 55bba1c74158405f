import importlib.metadata
import sys
from types import ModuleType

import pluggy
import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import ConfigurationError, PluginError
from dcss_core.plugins import (
    JurisdictionRules,
    NotificationChannel,
    PluginQuarantinedWarning,
    RuleBook,
    StorageBackend,
    hookimpl,
    load_plugins,
    registering,
)

FEDERAL = JurisdictionRules("US", "Federal baseline", lambda: RuleBook(source="federal"), extends=None)


class CountyPlugin:
    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("county", "The county's own", lambda url: None)]


def test_an_installed_plugin_is_loaded_with_its_distribution_and_version(site):
    site.install_storage("dcss-core-one", "one")

    _, plugin = load_plugins().plugins

    assert (plugin.origin.distribution, plugin.origin.version, plugin.origin.entry_points) == (
        "dcss-core-one",
        "1.0",
        ("one",),
    )
    assert plugin.keys == ("storage 'one'",)


def test_nothing_installed_is_a_registry_of_what_is_built_in(site):
    registry = load_plugins(builtin=[FEDERAL])

    assert [str(plugin.origin) for plugin in registry.plugins] == ["dcss-core"]
    assert registry.keys(JurisdictionRules) == ("US",)
    assert registry.keys(StorageBackend) == ()


def test_several_plugins_are_loaded_together(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")

    assert load_plugins(extra=[CountyPlugin()]).keys(StorageBackend) == ("county", "one", "two")


def test_one_plugin_may_declare_several_kinds_under_one_key(site):
    site.install(
        "dcss-core-both",
        """
        from dcss_core.plugins import NotificationChannel, StorageBackend, hookimpl
        DCSS_CORE_API = 1

        @hookimpl
        def dcss_storage_backends():
            return (StorageBackend("both", "As a storage", open),)

        @hookimpl
        def dcss_notification_channels():
            return [NotificationChannel("both", "As a channel", open)]
        """,
        entry_points={"dcss_core.v1": ("both",)},
    )

    registry = load_plugins()

    assert registry.keys(StorageBackend) == registry.keys(NotificationChannel) == ("both",)


def test_a_hook_of_a_plugin_at_hand_that_declares_nothing_today_is_no_fault():
    class Empty:
        @hookimpl
        def dcss_event_subscribers(self):
            return []

    assert load_plugins(extra=[Empty()], entry_points=[]).plugins[1].keys == ()


def test_a_distribution_that_offers_a_later_api_beside_this_one_is_loaded(site):
    site.install(
        "dcss-core-both",
        "from dcss_core.plugins import StorageBackend, hookimpl\n"
        "@hookimpl\ndef dcss_storage_backends():\n    return [StorageBackend('both', 'One', open)]\n",
        entry_points={"dcss_core.v1": ("both",), "dcss_core.v2": ("later",), "console_scripts": ("x",)},
    )

    assert [str(each.origin) for each in load_plugins().plugins] == [
        "dcss-core",
        "dcss-core-both 1.0 (entry point 'both')",
    ]


def test_an_entry_point_without_metadata_is_named_by_its_value():
    lost = importlib.metadata.EntryPoint("lost", "no_such_module_at_all", "dcss_core.v1")

    with pytest.raises(PluginError, match=r"plugin 'unknown:no_such_module_at_all'"):
        load_plugins(entry_points=[lost])


def test_a_module_at_hand_is_named_by_its_name():
    module = ModuleType("county_office")

    with pytest.raises(PluginError, match=r"plugin 'in-process:county_office': .*(?s:.*)found no hook"):
        load_plugins(extra=[module], entry_points=[])


def test_an_object_at_hand_is_named_by_its_class():
    assert load_plugins(extra=[CountyPlugin()], entry_points=[]).plugins[1].origin.distribution == (
        f"in-process:{CountyPlugin.__module__}.CountyPlugin"
    )


def test_two_loads_share_nothing(site):
    site.install_storage("dcss-core-one", "one")
    with_county = load_plugins(extra=[CountyPlugin()])
    without = load_plugins()

    assert with_county.keys(StorageBackend) == ("county", "one")
    assert without.keys(StorageBackend) == ("one",)
    assert load_plugins() == without


def test_a_registry_is_frozen(site):
    registry = load_plugins()

    with pytest.raises(AttributeError):
        registry.plugins = ()


def test_quarantine_leaves_the_bad_plugin_out_and_goes_on_in_sight(site):
    site.install("dcss-core-bad", "raise RuntimeError('broken')")
    site.install_storage("dcss-core-good", "good")

    with pytest.warns(PluginQuarantinedWarning, match=r"left out: plugin 'dcss-core-bad'.*broken") as warned:
        registry = load_plugins(on_plugin_error="quarantine")

    assert [each.filename for each in warned] == [__file__]
    assert registry.keys(StorageBackend) == ("good",)
    assert [each.origin.distribution for each in registry.report().quarantined] == ["dcss-core-bad"]


def test_quarantine_takes_both_of_two_rivals_and_nobody_else(site):
    site.install_storage("dcss-core-one", "sqlite")
    site.install_storage("dcss-core-two", "sqlite")
    site.install_storage("dcss-core-three", "three")

    with pytest.warns(PluginQuarantinedWarning):
        registry = load_plugins(on_plugin_error="quarantine")

    assert registry.keys(StorageBackend) == ("three",)
    assert [each.error.distribution for each in registry.refused] == ["dcss-core-one", "dcss-core-two"]


def test_what_is_built_in_can_not_be_displaced(site):
    site.install_storage("dcss-core-one", "memory")
    built_in = StorageBackend("memory", "In memory", lambda url: None)

    with pytest.warns(PluginQuarantinedWarning, match="found declared by dcss-core as well"):
        registry = load_plugins(builtin=[built_in], on_plugin_error="quarantine")

    assert registry.keys(StorageBackend) == ("memory",)
    assert registry.plugins[0].declarations == (built_in,)


def test_a_required_plugin_that_is_quarantined_refuses_the_load(site):
    site.install("dcss-core-bad", "raise RuntimeError('broken')")

    with (
        pytest.warns(PluginQuarantinedWarning),
        pytest.raises(ConfigurationError, match="found quarantined, see the warning"),
    ):
        load_plugins(on_plugin_error="quarantine", required=["dcss_core.Bad"])  # the name as PEP 503 folds it


def test_a_required_plugin_that_is_loaded_is_enough(site):
    site.install_storage("dcss-core-one", "one")

    assert load_plugins(required=["Dcss_Core.one"]).keys(StorageBackend) == ("one",)


def test_an_unknown_way_to_answer_bad_plugins_is_refused():
    with pytest.raises(ConfigurationError, match="found 'ignore', expected 'raise' or 'quarantine'"):
        load_plugins(on_plugin_error="ignore", entry_points=[])


def test_the_order_of_entry_points_never_changes_the_registry(site):
    for name in ("one", "two", "three"):
        site.install_storage(f"dcss-core-{name}", name)
    site.install_storage("dcss-core-rival", "two")
    site.install("dcss-core-late", "", entry_points={"dcss_core.v2": ("a", "b")})
    groups = ("dcss_core.v1", "dcss_core.v2")
    found = [each for group in groups for each in importlib.metadata.entry_points(group=group)]

    def loaded(entry_points):
        with pytest.warns(PluginQuarantinedWarning):
            registry = load_plugins(entry_points=entry_points, on_plugin_error="quarantine")
        return registry.plugins, [(each.origin, str(each.error)) for each in registry.refused]

    expected = loaded(found)
    assert len(found) == 6

    @given(st.permutations(found))
    def same_in_every_order(shuffled):
        assert loaded(shuffled) == expected

    same_in_every_order()


def test_the_trace_of_pluggy_shows_no_secret(site, monkeypatch):
    lines: list[str] = []

    class Traced(pluggy.PluginManager):
        def __init__(self, project_name: str) -> None:
            super().__init__(project_name)
            self.trace.root.setwriter(lines.append)
            self.enable_tracing()

    monkeypatch.setattr(registering, "PluginManager", Traced)
    site.install_storage("dcss-core-one", "one")

    load_plugins().storage("one://clerk:hunter2@db/agency?token=t0ps3cret")

    trace = "".join(lines)
    assert "dcss_storage_backends" in trace
    assert "hunter2" not in trace
    assert "t0ps3cret" not in trace


def test_loading_imports_a_plugin_once_and_only_its_own_module(site):
    site.install_storage("dcss-core-one", "one")
    assert "dcss_core_one_planted" not in sys.modules

    load_plugins()

    assert "dcss_core_one_planted" in sys.modules
