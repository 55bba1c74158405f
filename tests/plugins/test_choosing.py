"""What nobody chose is not imported, and what is chosen is judged as strictly as ever."""

import sys

import pytest

from dcss_core.errors import ConfigurationError, PluginError
from dcss_core.plugins import (
    JurisdictionRules,
    NotificationChannel,
    PluginQuarantinedWarning,
    RuleBook,
    StorageBackend,
    hookimpl,
    load_plugins,
)

FEDERAL = JurisdictionRules("US", "Federal baseline", lambda: RuleBook(source="federal"), extends=None)
ONE = (StorageBackend, "one")


def names(registry) -> list[str]:
    return [each.origin.distribution for each in registry.plugins]


def install_rules(site, distribution: str, key: str, extends: str) -> None:
    site.install(
        distribution,
        f"""
        from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl

        @hookimpl
        def dcss_jurisdictions():
            book = RuleBook(source={key!r})
            return [JurisdictionRules({key!r}, "Rules of {key}", lambda: book, extends={extends!r})]
        """,
        entry_points={"dcss_core.v1": (key,)},
    )


def test_a_plugin_that_nobody_chose_is_not_imported(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")

    assert names(load_plugins(chosen=[ONE])) == ["dcss-core", "dcss-core-one"]
    assert "dcss_core_one_planted" in sys.modules
    assert "dcss_core_two_planted" not in sys.modules


def test_the_report_names_what_was_not_chosen(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")

    report = load_plugins(chosen=[ONE]).report()

    assert [str(each.origin) for each in report.unused] == ["dcss-core-two 1.0 (entry point 'two')"]
    assert str(report).splitlines()[-1] == ("dcss-core-two 1.0 (entry point 'two'): not chosen, not imported")


def test_without_a_choice_every_plugin_is_loaded(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")

    registry = load_plugins()

    assert names(registry) == ["dcss-core", "dcss-core-one", "dcss-core-two"]
    assert registry.unused == ()


def test_a_broken_plugin_that_nobody_chose_stops_nothing(site):
    site.install_storage("dcss-core-one", "one")
    site.install("dcss-core-bad", "raise RuntimeError('broken')", entry_points={"dcss_core.v1": ("bad",)})
    site.install("dcss-core-late", "", entry_points={"dcss_core.v2": ("late",)})

    registry = load_plugins(chosen=[ONE])

    assert names(registry) == ["dcss-core", "dcss-core-one"]
    assert registry.refused == ()


def test_a_broken_plugin_that_is_chosen_stops_the_load(site):
    site.install("dcss-core-bad", "raise RuntimeError('broken')", entry_points={"dcss_core.v1": ("one",)})

    with pytest.raises(PluginError, match="'dcss-core-bad': its import raised RuntimeError: broken"):
        load_plugins(chosen=[ONE])


def test_a_broken_plugin_that_is_chosen_is_left_out_where_that_is_wanted(site):
    site.install("dcss-core-bad", "raise RuntimeError('broken')", entry_points={"dcss_core.v1": ("one",)})

    with pytest.warns(PluginQuarantinedWarning, match="broken"):
        registry = load_plugins(chosen=[ONE], on_plugin_error="quarantine")

    assert names(registry) == ["dcss-core"]


def test_a_chosen_plugin_made_for_another_api_is_refused(site):
    site.install("dcss-core-late", "", entry_points={"dcss_core.v2": ("one",)})

    with pytest.raises(PluginError, match="it is made for API v2"):
        load_plugins(chosen=[ONE])


def test_two_distributions_that_name_the_chosen_key_are_both_named_in_the_refusal(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-rival", "one")

    with pytest.raises(PluginError) as caught:
        load_plugins(chosen=[ONE])

    assert caught.value.distribution == "dcss-core-one"
    assert "declared by dcss-core-rival 1.0 (entry point 'one') as well" in str(caught.value)


def test_two_distributions_that_name_a_key_nobody_chose_stop_nothing(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")
    site.install_storage("dcss-core-rival", "two")

    assert names(load_plugins(chosen=[ONE])) == ["dcss-core", "dcss-core-one"]


def test_what_a_chosen_jurisdiction_extends_is_loaded_with_it(site):
    install_rules(site, "dcss-core-pilot", "US-XA-PILOT", extends="US-XA-COUNTY")
    install_rules(site, "dcss-core-county", "US-XA-COUNTY", extends="US-XA")
    install_rules(site, "dcss-core-state", "US-XA", extends="US")
    install_rules(site, "dcss-core-other", "US-XB", extends="US")

    registry = load_plugins(chosen=[(JurisdictionRules, "US-XA-PILOT")], builtin=[FEDERAL])

    assert names(registry) == ["dcss-core", "dcss-core-county", "dcss-core-pilot", "dcss-core-state"]
    assert registry.jurisdiction("US-XA-PILOT").base.base.key == "US-XA"


def test_what_a_chosen_jurisdiction_at_hand_extends_is_loaded(site):
    class Pilot:
        @hookimpl
        def dcss_jurisdictions(self):
            return [
                JurisdictionRules("US-XA-PILOT", "A pilot", lambda: RuleBook(source="p"), extends="US-XA")
            ]

    install_rules(site, "dcss-core-state", "US-XA", extends="US")
    install_rules(site, "dcss-core-other", "US-XB", extends="US")

    registry = load_plugins(chosen=[(JurisdictionRules, "US-XA-PILOT")], builtin=[FEDERAL], extra=[Pilot()])

    assert "dcss-core-state" in names(registry)
    assert "dcss-core-other" not in names(registry)


def test_jurisdictions_that_extend_each_other_are_loaded_once_and_refused_when_asked_for(site):
    install_rules(site, "dcss-core-a", "US-XA", extends="US-XB")
    install_rules(site, "dcss-core-b", "US-XB", extends="US-XA")

    registry = load_plugins(chosen=[(JurisdictionRules, "US-XA")], builtin=[FEDERAL])

    with pytest.raises(PluginError, match="in a circle: US-XA → US-XB → US-XA"):
        registry.jurisdiction("US-XA")


def test_a_required_plugin_is_loaded_though_its_key_was_not_chosen(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")

    registry = load_plugins(chosen=[ONE], required=["Dcss_Core.two"])

    assert names(registry) == ["dcss-core", "dcss-core-one", "dcss-core-two"]


def test_what_is_built_in_or_at_hand_is_chosen_without_looking_into_installed_plugins(site):
    site.install_storage("dcss-core-one", "one")
    memory = StorageBackend("memory", "In memory", lambda url: None)

    registry = load_plugins(chosen=[(StorageBackend, "memory")], builtin=[memory])

    assert names(registry) == ["dcss-core"]
    assert "dcss_core_one_planted" not in sys.modules


def test_an_unknown_key_is_answered_with_the_nearest_of_every_installed_plugin(site):
    site.install_storage("dcss-core-one", "sqlite")
    site.install_storage("dcss-core-two", "two")
    registry = load_plugins(chosen=[(StorageBackend, "sqllite")])

    with pytest.raises(ConfigurationError) as caught:
        registry.storage("sqllite:a.db")

    assert str(caught.value) == (
        "no loaded plugin offers this storage; did you mean 'sqlite'?\n"
        "  storage: found 'sqllite', expected one of 'sqlite', 'two'"
    )


def test_a_key_of_another_kind_is_no_answer(site):
    site.install_storage("dcss-core-one", "one")
    site.install_storage("dcss-core-two", "two")
    registry = load_plugins(chosen=[ONE, (NotificationChannel, "two")])

    with pytest.raises(ConfigurationError, match="no loaded plugin offers this channel"):
        registry.channel("two:")


def test_a_broken_plugin_is_told_where_it_may_have_offered_the_key_that_is_missing(site):
    site.install_storage("dcss-core-one", "one")
    site.install("dcss-core-bad", "raise RuntimeError('broken')", entry_points={"dcss_core.v1": ("bad",)})
    registry = load_plugins(chosen=[(StorageBackend, "three")])

    with pytest.raises(ConfigurationError, match=r"not loaded, see the notes: dcss-core-bad 1\.0") as caught:
        registry.storage("three:")

    assert [note for note in caught.value.__notes__ if "RuntimeError: broken" in note]


def test_several_entry_points_of_one_module_are_one_plugin(site):
    site.install(
        "dcss-core-mail",
        """
        from dcss_core.plugins import NotificationChannel, hookimpl

        @hookimpl
        def dcss_notification_channels():
            return [NotificationChannel(key, "Mail", open) for key in ("mail", "mail+tls")]
        """,
        entry_points={"dcss_core.v1": ("mail", "mail+tls")},
    )

    _, plugin = load_plugins(chosen=[(NotificationChannel, "mail+tls")]).plugins

    assert str(plugin.origin) == "dcss-core-mail 1.0 (entry points 'mail', 'mail+tls')"
    assert plugin.keys == ("channel 'mail'", "channel 'mail+tls'")


# --- entry points that do not say what there is --------------------------------------------------------


def test_a_plugin_that_offers_another_key_than_its_entry_point_says_is_told_what_to_write(site):
    site.install_storage("dcss-core-one", "one")
    entry_points = site.folder / "dcss_core_one-1.0.dist-info" / "entry_points.txt"
    entry_points.write_text("[dcss_core.v1]\nmy_storage = dcss_core_one_planted\n")

    with pytest.raises(PluginError) as caught:
        load_plugins(chosen=[(StorageBackend, "my_storage")])

    assert caught.value.distribution == "dcss-core-one"
    assert str(caught.value).splitlines()[1:] == [
        "  storage 'one': found no entry point of this name, expected "
        '"one" = "dcss_core_one_planted" in [project.entry-points."dcss_core.v1"]',
        "  entry point 'my_storage': found a key that the plugin does not declare, expected a key that it "
        "declares",
    ]


def test_a_key_that_no_entry_point_names_is_not_taken_from_the_plugin_that_has_it(site):
    site.install_storage("dcss-core-one", "one")
    entry_points = site.folder / "dcss_core_one-1.0.dist-info" / "entry_points.txt"
    entry_points.write_text("[dcss_core.v1]\nmy_storage = dcss_core_one_planted\n")
    registry = load_plugins(chosen=[ONE])

    with pytest.raises(ConfigurationError, match="not loaded, see the notes: dcss-core-one") as caught:
        registry.storage("one:")

    [note] = caught.value.__notes__
    assert '"one" = "dcss_core_one_planted" in [project.entry-points."dcss_core.v1"]' in note


def test_a_key_that_only_some_entry_points_name_refuses_the_plugin_whole(site):
    site.install(
        "dcss-core-mail",
        """
        from dcss_core.plugins import NotificationChannel, hookimpl

        @hookimpl
        def dcss_notification_channels():
            return [NotificationChannel(key, "Mail", open) for key in ("mail", "mail+tls")]
        """,
        entry_points={"dcss_core.v1": ("mail",)},
    )

    with pytest.raises(PluginError, match=r"channel 'mail\+tls': found no entry point of this name"):
        load_plugins(chosen=[(NotificationChannel, "mail")])


def test_an_entry_point_of_a_plugin_that_declares_nothing_is_refused(site):
    site.install(
        "dcss-core-empty",
        "from dcss_core.plugins import hookimpl\n@hookimpl\ndef dcss_event_subscribers():\n    return []\n",
    )

    with pytest.raises(PluginError, match="entry point 'main': found a key that the plugin does not declare"):
        load_plugins()
