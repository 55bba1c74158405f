import pytest

from dcss_core.errors import BackendError, ConfigurationError, PluginError, RuleFileError
from dcss_core.plugins import (
    AuditCheckpointSink,
    EventSubscriber,
    JurisdictionRules,
    NotificationChannel,
    PasswordBreachCheck,
    PluginQuarantinedWarning,
    PluginRegistry,
    RuleBook,
    StorageBackend,
    hookimpl,
    load_plugins,
)

URL = "one://clerk:hunter2@db.example/agency?token=t0ps3cret"


class Opened:
    """Has the methods of every port."""

    busy_seconds: object = 5
    writes_one_at_a_time: object = True
    closed = 0

    def __init__(self, url: str) -> None:
        self.url = url

    def prepare(self, collections): ...

    def transaction(self, *, writes): ...

    def deliver(self, message): ...

    def receive(self, event): ...

    def look_up(self, password): ...

    def publish(self, checkpoint): ...

    def published(self): ...

    def close(self):
        self.closed += 1


class Plugin:
    def __init__(self, *declared: object) -> None:
        self.declared = declared

    def of(self, kind: type) -> list[object]:
        return [each for each in self.declared if isinstance(each, kind)]

    @hookimpl
    def dcss_storage_backends(self):
        return self.of(StorageBackend)

    @hookimpl
    def dcss_notification_channels(self):
        return self.of(NotificationChannel)

    @hookimpl
    def dcss_jurisdictions(self):
        return self.of(JurisdictionRules)

    @hookimpl
    def dcss_event_subscribers(self):
        return self.of(EventSubscriber)

    @hookimpl
    def dcss_breach_checks(self):
        return self.of(PasswordBreachCheck)

    @hookimpl
    def dcss_checkpoint_sinks(self):
        return self.of(AuditCheckpointSink)


NAME = f"in-process:{Plugin.__module__}.Plugin"
FEDERAL = JurisdictionRules("US", "Federal baseline", lambda: RuleBook(source="federal"), extends=None)


def registry(*declared: object) -> PluginRegistry:
    return load_plugins(builtin=[FEDERAL], extra=[Plugin(*declared)], entry_points=[])


def rules(key: str, extends: str | None = "US") -> JurisdictionRules:
    return JurisdictionRules(key, f"Rules of {key}", lambda: RuleBook(source=key), extends=extends)


OPENERS = [
    pytest.param(StorageBackend, "storage", id="storage"),
    pytest.param(NotificationChannel, "channel", id="channel"),
    pytest.param(EventSubscriber, "subscriber", id="subscriber"),
    pytest.param(PasswordBreachCheck, "breach_check", id="breach_check"),
    pytest.param(AuditCheckpointSink, "checkpoint_sink", id="checkpoint_sink"),
]


@pytest.mark.parametrize(("kind", "opener"), OPENERS)
def test_the_factory_chosen_by_the_scheme_gets_the_text_of_the_url_and_nothing_else(kind, opener):
    given: list[object] = []

    def factory(*arguments: object) -> Opened:
        given.extend(arguments)
        return Opened("")

    def other(url: str) -> Opened:
        raise AssertionError

    getattr(registry(kind("one", "One", factory), kind("two", "Two", other)), opener)(URL)

    assert given == [URL]


def test_a_storage_is_handed_on_as_it_is():
    opened = registry(StorageBackend("one", "One", Opened)).storage(URL)

    assert type(opened) is Opened


def test_a_scheme_is_read_in_any_case():
    assert registry(StorageBackend("one", "One", Opened)).storage("ONE:").url == "ONE:"


@pytest.mark.parametrize(("kind", "opener"), OPENERS)
def test_an_unknown_scheme_is_answered_with_the_nearest_and_all_installed(kind, opener):
    with pytest.raises(ConfigurationError) as caught:
        getattr(registry(kind("sqlite", "S", Opened), kind("one", "O", Opened)), opener)(
            "sqllite:///a?p=hunter2"
        )

    assert str(caught.value) == (
        f"no loaded plugin offers this {opener.replace('_', ' ')}; did you mean 'sqlite'?\n"
        f"  {opener.replace('_', ' ')}: found 'sqllite', expected one of 'one', 'sqlite'"
    )


@pytest.mark.parametrize(
    ("opener", "key", "distribution"),
    [
        ("storage", "sqlite:///georgia.db", "dcss-core-sql"),
        ("storage", "postgresql://clerk@db/agency", '"dcss-core-sql\\[postgresql\\]"'),
        ("channel", "smtp://localhost:1025", "dcss-core-smtp"),
        ("channel", "smtps://mail.example", "dcss-core-smtp"),
        ("channel", "sms+https://gateway.example.gov/send", "dcss-core-sms-http"),
        ("channel", "sms+http://localhost:8080", "dcss-core-sms-http"),
        ("subscriber", "webhook+https://events.example/dcss", "dcss-core-webhook"),
        ("breach_check", "hibp:", "dcss-core-hibp"),
        ("breach_check", "hibp+https://passwords.example.gov", "dcss-core-hibp"),
        ("breach_check", "hibp+http://127.0.0.1:8080", "dcss-core-hibp"),
        ("checkpoint_sink", "checkpoint-file:///mnt/worm/log.txt", "dcss-core-checkpoint-file"),
        ("jurisdiction", "US-GA", "dcss-core-georgia"),
    ],
)
def test_a_reference_plugin_that_is_not_installed_is_named(opener, key, distribution):
    with pytest.raises(ConfigurationError, match=f"install it with: pip install {distribution}"):
        getattr(registry(), opener)(key)


def test_with_nothing_installed_the_error_says_so():
    with pytest.raises(
        ConfigurationError, match=r"expected one of those a plugin offers \(none is installed"
    ):
        registry().storage("oracle://db")


def test_a_quarantined_plugin_is_mentioned_where_a_key_is_missing(site):
    site.install("dcss-core-georgia", "raise RuntimeError('broken')")
    with pytest.warns(PluginQuarantinedWarning):
        loaded = load_plugins(on_plugin_error="quarantine")

    with pytest.raises(
        ConfigurationError, match=r"not loaded, see the notes: dcss-core-georgia 1\.0"
    ) as caught:
        loaded.jurisdiction("US-GA")

    assert "pip install" not in str(caught.value)
    [note] = caught.value.__notes__
    assert "its import raised RuntimeError: broken" in note


@pytest.mark.parametrize("url", ["", "hunter2", "//clerk:hunter2@db", "1x://hunter2", None])
def test_a_url_without_a_scheme_is_refused_and_not_shown(url):
    with pytest.raises(ConfigurationError) as caught:
        registry(StorageBackend("one", "One", Opened)).storage(url)

    assert str(caught.value) == (
        "a storage is chosen by a URL\n  storage URL: found no scheme, expected one of 'one', then ':'"
    )


@pytest.mark.parametrize(("kind", "opener"), OPENERS)
def test_a_factory_that_raises_is_named_and_the_url_is_not_shown(kind, opener):
    def factory(url: str) -> Opened:
        raise ValueError(f"can't parse {url}")

    with pytest.raises(PluginError) as caught:
        getattr(registry(kind("one", "One", factory)), opener)(URL)

    assert caught.value.distribution == NAME
    assert f"the factory of {opener.replace('_', ' ')} 'one' raised ValueError" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "t0ps3cret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize(
    "error",
    [ConfigurationError("no such folder"), BackendError("refused", retryable=True)],
    ids=lambda error: error.code,
)
def test_an_error_of_the_library_passes_as_it_is(error):
    def factory(url: str) -> Opened:
        raise error

    with pytest.raises(type(error)) as caught:
        registry(StorageBackend("one", "One", factory)).storage(URL)

    assert caught.value is error


@pytest.mark.parametrize("queue", [None, 1, "yes"])
@pytest.mark.parametrize("waits", [None, "5", True, -1, float("nan"), float("inf"), 10**400], ids=repr)
def test_a_storage_that_can_not_say_how_it_works_is_refused_with_every_fault_and_closed(waits, queue):
    opened = Opened(URL)
    opened.busy_seconds, opened.writes_one_at_a_time = waits, queue

    with pytest.raises(PluginError) as caught:
        registry(StorageBackend("one", "One", lambda url: opened)).storage(URL)

    assert [fault.where for fault in caught.value.faults] == ["busy_seconds", "writes_one_at_a_time"]
    assert opened.closed == 1


@pytest.mark.parametrize(
    ("kind", "opener", "missing"),
    [
        (StorageBackend, "storage", ["Storage.prepare", "Storage.transaction", "Storage.close"]),
        (NotificationChannel, "channel", ["Channel.deliver", "Channel.close"]),
        (EventSubscriber, "subscriber", ["Subscriber.receive", "Subscriber.close"]),
        (PasswordBreachCheck, "breach_check", ["BreachCheck.look_up", "BreachCheck.close"]),
        (
            AuditCheckpointSink,
            "checkpoint_sink",
            ["CheckpointSink.publish", "CheckpointSink.published", "CheckpointSink.close"],
        ),
    ],
)
def test_a_factory_that_makes_nothing_is_told_every_missing_method(kind, opener, missing):
    with pytest.raises(PluginError) as caught:
        getattr(registry(kind("one", "One", lambda url: None)), opener)(URL)

    assert caught.value.distribution == NAME
    assert f"the factory of {opener.replace('_', ' ')} 'one' made a NoneType" in str(caught.value)
    assert [fault.where for fault in caught.value.faults] == missing


def test_a_factory_whose_product_lacks_one_method_is_told_which():
    class NoClose:
        close = True

        def deliver(self, message): ...

    with pytest.raises(PluginError, match=r"Channel\.close: found nothing to call, expected a method"):
        registry(NotificationChannel("one", "One", lambda url: NoClose())).channel(URL)


def test_a_jurisdiction_lies_over_what_it_extends_down_to_the_federal_baseline():
    composed = registry(rules("US-GA"), rules("US-GA-PILOT", "US-GA")).jurisdiction("US-GA-PILOT")

    layers = []
    layer = composed
    while layer is not None:
        layers.append((layer.key, layer.summary, layer.book.source))
        layer = layer.base
    assert layers == [
        ("US-GA-PILOT", "Rules of US-GA-PILOT", "US-GA-PILOT"),
        ("US-GA", "Rules of US-GA", "US-GA"),
        ("US", "Federal baseline", "federal"),
    ]


def test_the_federal_baseline_is_a_jurisdiction_of_its_own():
    assert registry().jurisdiction("US").base is None


@pytest.mark.parametrize("key", ["us-tx", "US_TX", "TX", "tx", "Us tx"])
def test_a_slip_in_writing_a_jurisdiction_is_answered_with_the_right_way(key):
    with pytest.raises(ConfigurationError) as caught:
        registry(rules("US-TX")).jurisdiction(key)

    assert "did you mean 'US-TX'?" in str(caught.value)
    assert f"found '{key}', expected one of 'US-TX'" in str(caught.value)


def test_a_slip_in_the_name_of_a_pilot_is_answered_with_the_same_states_nearest():
    with pytest.raises(ConfigurationError, match="did you mean 'US-TX-PILOT'"):
        registry(rules("US-TX"), rules("US-TX-PILOT", "US-TX")).jurisdiction("US-TX-PILOTT")


@pytest.mark.parametrize("key", ["US-GA", "US-TXX", "GX", "US", "", None])
def test_one_state_is_never_taken_for_another(key):
    with pytest.raises(ConfigurationError) as caught:
        load_plugins(builtin=[], extra=[Plugin(rules("US-TX"))], entry_points=[]).jurisdiction(key)

    assert "did you mean" not in str(caught.value)


def test_the_federal_baseline_is_not_offered_to_be_opened():
    with pytest.raises(ConfigurationError) as caught:
        registry(rules("US-TX")).jurisdiction("US-NV")

    assert "expected one of 'US-TX'" in str(caught.value)


def test_jurisdictions_that_extend_each_other_in_a_circle_are_refused():
    loaded = registry(rules("US-AA", "US-BB"), rules("US-BB", "US-CC"), rules("US-CC", "US-BB"))

    with pytest.raises(PluginError) as caught:
        loaded.jurisdiction("US-AA")

    assert caught.value.distribution == NAME
    assert "in a circle: US-AA → US-BB → US-CC → US-BB" in str(caught.value)


def test_a_jurisdiction_whose_base_is_missing_names_who_extends_it():
    with pytest.raises(PluginError) as caught:
        registry(rules("US-GA-PILOT", "US-GA")).jurisdiction("US-GA-PILOT")

    assert caught.value.distribution == NAME
    assert "'US-GA-PILOT' extends 'US-GA', but no loaded plugin offers this jurisdiction" in str(caught.value)
    assert "pip install dcss-core-georgia" in str(caught.value)


def test_a_slip_in_what_is_extended_is_told_with_the_federal_layers_among_the_choices():
    with pytest.raises(PluginError) as caught:
        registry(rules("US-TX", "US-IRS-1057"), rules("US-IRS-1075")).jurisdiction("US-TX")

    assert "did you mean 'US-IRS-1075'?" in str(caught.value)
    assert "expected one of 'US', 'US-IRS-1075', 'US-TX'" in str(caught.value)


def test_rules_that_can_not_be_loaded_say_so_themselves():
    def factory() -> RuleBook:
        raise RuleFileError("interest.toml: …")

    with pytest.raises(RuleFileError):
        registry(JurisdictionRules("US-GA", "Georgia", factory)).jurisdiction("US-GA")


def test_a_jurisdiction_whose_factory_raises_is_named():
    def factory() -> RuleBook:
        raise OSError("no such file")

    with pytest.raises(PluginError, match="the factory of jurisdiction 'US-GA' raised OSError") as caught:
        registry(JurisdictionRules("US-GA", "Georgia", factory)).jurisdiction("US-GA")

    assert caught.value.distribution == NAME


def test_a_jurisdiction_whose_factory_makes_no_rule_book_is_named():
    with pytest.raises(PluginError, match="found a dict, expected a RuleBook") as caught:
        registry(JurisdictionRules("US-GA", "Georgia", dict)).jurisdiction("US-GA")

    assert caught.value.distribution == NAME


def test_the_schema_of_a_storage_is_made_by_its_own_factory():
    class Schema:
        def __init__(self, url: str) -> None:
            self.url = url

        standing = upgrade = faults = script = make_views = views_script = lambda self, *words: None

    made = registry(StorageBackend("one", "One", Opened, Schema)).schema(URL)

    assert (type(made), made.url) == (Schema, URL)


def test_a_storage_need_not_have_a_schema():
    assert registry(StorageBackend("one", "One", Opened)).schema(URL) is None


def test_a_schema_that_is_none_is_refused_with_every_missing_method():
    with pytest.raises(PluginError) as caught:
        registry(StorageBackend("one", "One", Opened, lambda url: None)).schema(URL)

    assert [fault.where for fault in caught.value.faults] == [
        "StoredSchema.standing",
        "StoredSchema.upgrade",
        "StoredSchema.faults",
        "StoredSchema.script",
        "StoredSchema.make_views",
        "StoredSchema.views_script",
    ]
