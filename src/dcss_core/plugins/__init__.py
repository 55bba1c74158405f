"""What a plugin author imports: the hook marker, the declarations and the ports behind them.

`load_plugins` and what it answers with are for whoever opens an agency or builds a tool around plugins.
"""

from dcss_core.plugins.declarations import (
    AuditCheckpointSink,
    Declaration,
    EventSubscriber,
    JurisdictionRules,
    NotificationChannel,
    PasswordBreachCheck,
    StorageBackend,
)
from dcss_core.plugins.hookspecs import API_VERSION, ENTRY_POINT_GROUP, hookimpl
from dcss_core.plugins.loader import OnPluginError, load_plugins
from dcss_core.plugins.registry import PluginRegistry
from dcss_core.plugins.report import LoadedPlugin, PluginQuarantinedWarning, PluginReport, RefusedPlugin
from dcss_core.plugins.url_options import UrlOptions
from dcss_core.ports.breach_check import BreachAnswer, BreachCheck, BreachCheckUnavailable, SeenInBreaches
from dcss_core.ports.channel import Channel, Delivered, Delivery, DeliveryFailed, Message
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.clock import Clock
from dcss_core.ports.randomness import Randomness
from dcss_core.ports.storage import (
    SEQUENCE,
    VERSION,
    Collection,
    Field,
    FieldKind,
    Row,
    Scalar,
    Storage,
    Transaction,
)
from dcss_core.ports.subscriber import RecordedEvent, Subscriber
from dcss_core.rules.book import RuleBook
from dcss_core.rules.files.loader import load_rules
from dcss_core.users.hashing.password_hash import PasswordHash, PasswordHasher

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
    "SEQUENCE",
    "VERSION",
    "AuditCheckpointSink",
    "BreachAnswer",
    "BreachCheck",
    "BreachCheckUnavailable",
    "Channel",
    "CheckpointSink",
    "Clock",
    "Collection",
    "Declaration",
    "Delivered",
    "Delivery",
    "DeliveryFailed",
    "EventSubscriber",
    "Field",
    "FieldKind",
    "JurisdictionRules",
    "LoadedPlugin",
    "Message",
    "NotificationChannel",
    "OnPluginError",
    "PasswordBreachCheck",
    "PasswordHash",
    "PasswordHasher",
    "PluginQuarantinedWarning",
    "PluginRegistry",
    "PluginReport",
    "Randomness",
    "RecordedEvent",
    "RefusedPlugin",
    "Row",
    "RuleBook",
    "Scalar",
    "SeenInBreaches",
    "Storage",
    "StorageBackend",
    "Subscriber",
    "Transaction",
    "UrlOptions",
    "hookimpl",
    "load_plugins",
    "load_rules",
]
