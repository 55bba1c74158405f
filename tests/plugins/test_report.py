import pytest

from dcss_core.plugins import PluginQuarantinedWarning, StorageBackend, load_plugins


def timer(*instants: float):
    """A timer that shows these instants, one after the other."""
    return iter(instants).__next__


def test_the_report_has_a_line_for_each_plugin_with_version_keys_and_seconds(site):
    site.install_storage("dcss-core-one", "one")
    built_in = [StorageBackend("memory", "In memory", lambda url: None)]

    report = load_plugins(builtin=built_in, timer=timer(10.0, 10.25)).report()

    assert str(report).splitlines() == [
        "plugins: 2 loaded, 0 quarantined",
        "dcss-core: storage 'memory'; imported in 0.000 s",
        "dcss-core-one 1.0 (entry point 'one'): storage 'one'; imported in 0.250 s",
    ]


def test_a_slow_import_is_remarked_on(site):
    site.install_storage("dcss-core-one", "one")

    slow = str(load_plugins(timer=timer(0.0, 0.75)).report())
    at_the_threshold = str(load_plugins(timer=timer(1.0, 1.5)).report())

    assert slow.endswith("imported in 0.750 s: SLOW (over 0.5 s): let its factory import what is heavy")
    assert at_the_threshold.endswith("imported in 0.500 s")


def test_what_is_slow_can_be_said(site):
    site.install_storage("dcss-core-one", "one")
    registry = load_plugins(timer=timer(0.0, 0.75))

    assert "SLOW" not in str(registry.report(slow_seconds=1.0))
    assert "SLOW (over 0.1 s)" in str(registry.report(slow_seconds=0.1))


def test_the_report_shows_what_was_quarantined_and_why(site):
    site.install("dcss-core-bad", "raise RuntimeError('no driver')", version="2.3")
    with pytest.warns(PluginQuarantinedWarning):
        report = load_plugins(on_plugin_error="quarantine").report()

    assert str(report).splitlines() == [
        "plugins: 1 loaded, 1 quarantined",
        "dcss-core: offers nothing; imported in 0.000 s",
        "dcss-core-bad 2.3 (entry point 'main'): QUARANTINED: plugin 'dcss-core-bad': its import raised "
        "RuntimeError: no driver. Repair or uninstall it; the cause is attached",
    ]
