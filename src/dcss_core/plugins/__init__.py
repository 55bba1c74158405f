"""What a plugin author imports: the hook marker, the declarations and the ports behind them."""

from dcss_core.plugins.declarations import (
    Declaration,
    EventSubscriber,
    JurisdictionRules,
    NotificationChannel,
    StorageBackend,
)
from dcss_core.ports.channel import Channel, Delivered, Delivery, DeliveryFailed, Message
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

__all__ = [
    "SEQUENCE",
    "VERSION",
    "Channel",
    "Collection",
    "Declaration",
    "Delivered",
    "Delivery",
    "DeliveryFailed",
    "EventSubscriber",
    "Field",
    "FieldKind",
    "JurisdictionRules",
    "Message",
    "NotificationChannel",
    "RecordedEvent",
    "Row",
    "Scalar",
    "Storage",
    "StorageBackend",
    "Subscriber",
    "Transaction",
]
