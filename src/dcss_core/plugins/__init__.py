"""What a plugin author imports: the hook marker, the declarations and the ports behind them.

`load_plugins` and what it answers with are for whoever opens an agency or builds a tool around plugins. Each
name is read from its module when it is first used, so that a plugin brings no more than it declares.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.base.people.mail_address import is_mail_address as is_mail_address
    from dcss_core.plugins.declarations import (
        AuditCheckpointSink as AuditCheckpointSink,
        Declaration as Declaration,
        EventSubscriber as EventSubscriber,
        JurisdictionRules as JurisdictionRules,
        KeyProvider as KeyProvider,
        NotificationChannel as NotificationChannel,
        PasswordBreachCheck as PasswordBreachCheck,
        SecondFactorKind as SecondFactorKind,
        StorageBackend as StorageBackend,
    )
    from dcss_core.plugins.hookspecs import (
        API_VERSION as API_VERSION,
        ENTRY_POINT_GROUP as ENTRY_POINT_GROUP,
        hookimpl as hookimpl,
    )
    from dcss_core.plugins.key_text import read_key_text as read_key_text, write_key_text as write_key_text
    from dcss_core.plugins.loader import OnPluginError as OnPluginError, load_plugins as load_plugins
    from dcss_core.plugins.reaching.connection import Connection as Connection
    from dcss_core.plugins.reaching.http_call import HttpAnswer as HttpAnswer, HttpPlace as HttpPlace
    from dcss_core.plugins.reaching.url_address import UrlAddress as UrlAddress
    from dcss_core.plugins.reaching.url_options import UrlOptions as UrlOptions
    from dcss_core.plugins.registry import PluginRegistry as PluginRegistry
    from dcss_core.plugins.report import (
        LoadedPlugin as LoadedPlugin,
        PluginQuarantinedWarning as PluginQuarantinedWarning,
        PluginReport as PluginReport,
        RefusedPlugin as RefusedPlugin,
        UnusedPlugin as UnusedPlugin,
    )
    from dcss_core.plugins.storing.guarded_transaction import GuardedTransaction as GuardedTransaction
    from dcss_core.plugins.storing.turn import WritersLine as WritersLine
    from dcss_core.plugins.storing.turn_block import TurnBlock as TurnBlock
    from dcss_core.ports.breach_check import (
        BreachAnswer as BreachAnswer,
        BreachCheck as BreachCheck,
        BreachCheckUnavailable as BreachCheckUnavailable,
        SeenInBreaches as SeenInBreaches,
    )
    from dcss_core.ports.channel import (
        Channel as Channel,
        Delivered as Delivered,
        Delivery as Delivery,
        DeliveryFailed as DeliveryFailed,
        Message as Message,
    )
    from dcss_core.ports.checkpoint_sink import CheckpointSink as CheckpointSink
    from dcss_core.ports.clock import Clock as Clock
    from dcss_core.ports.randomness import Randomness as Randomness
    from dcss_core.ports.storage import (
        SEQUENCE as SEQUENCE,
        VERSION as VERSION,
        Collection as Collection,
        Field as Field,
        FieldKind as FieldKind,
        Key as Key,
        Row as Row,
        Scalar as Scalar,
        Storage as Storage,
        Transaction as Transaction,
    )
    from dcss_core.ports.stored_schema import (
        SchemaPlace as SchemaPlace,
        SchemaStanding as SchemaStanding,
        SchemaStep as SchemaStep,
        StoredSchema as StoredSchema,
    )
    from dcss_core.ports.subscriber import RecordedEvent as RecordedEvent, Subscriber as Subscriber
    from dcss_core.ports.wait import check_wait as check_wait
    from dcss_core.rules.book import RuleBook as RuleBook
    from dcss_core.rules.files.loader import load_rules as load_rules
    from dcss_core.users.hashing.password_hash import (
        PasswordHash as PasswordHash,
        PasswordHasher as PasswordHasher,
    )
    from dcss_core.users.second_factor.method import (
        FactorCopied as FactorCopied,
        FactorGiven as FactorGiven,
        FactorKey as FactorKey,
        FactorOwner as FactorOwner,
        FactorVerdict as FactorVerdict,
        LoneFactorMethod as LoneFactorMethod,
        NewFactor as NewFactor,
        SecondFactorMethod as SecondFactorMethod,
    )
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "declarations": (
                "AuditCheckpointSink Declaration EventSubscriber JurisdictionRules KeyProvider "
                "NotificationChannel PasswordBreachCheck SecondFactorKind StorageBackend"
            ),
            "hookspecs": "API_VERSION ENTRY_POINT_GROUP hookimpl",
            "key_text": "read_key_text write_key_text",
            "loader": "OnPluginError load_plugins",
            "reaching.connection": "Connection",
            "reaching.http_call": "HttpAnswer HttpPlace",
            "reaching.url_address": "UrlAddress",
            "reaching.url_options": "UrlOptions",
            "registry": "PluginRegistry",
            "report": "LoadedPlugin PluginQuarantinedWarning PluginReport RefusedPlugin UnusedPlugin",
            "storing.guarded_transaction": "GuardedTransaction",
            "storing.turn": "WritersLine",
            "storing.turn_block": "TurnBlock",
            ".base.people.mail_address": "is_mail_address",
            ".ports.breach_check": "BreachAnswer BreachCheck BreachCheckUnavailable SeenInBreaches",
            ".ports.channel": "Channel Delivered Delivery DeliveryFailed Message",
            ".ports.checkpoint_sink": "CheckpointSink",
            ".ports.clock": "Clock",
            ".ports.randomness": "Randomness",
            ".ports.storage": (
                "SEQUENCE VERSION Collection Field FieldKind Key Row Scalar Storage Transaction"
            ),
            ".ports.stored_schema": "SchemaPlace SchemaStanding SchemaStep StoredSchema",
            ".ports.subscriber": "RecordedEvent Subscriber",
            ".ports.wait": "check_wait",
            ".rules.book": "RuleBook",
            ".rules.files.loader": "load_rules",
            ".users.hashing.password_hash": "PasswordHash PasswordHasher",
            ".users.second_factor.method": (
                "FactorCopied FactorGiven FactorKey FactorOwner FactorVerdict LoneFactorMethod NewFactor "
                "SecondFactorMethod"
            ),
        },
    )
