"""Guard: what stands between a plugin's code and the core.

Decides what becomes of an exception that a plugin lets out. Invariants: it names the distribution and
keeps its cause; while loading, every exception is the plugin's fault and its text is shown; at work,
the library's own errors pass and any other's text is withheld, for it may hold a URL with a password
or a person's address.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from dcss_core.errors import DcssError, Fault, PluginError

T = TypeVar("T")


def refusal(distribution: str, message: str, faults: Iterable[Fault] = ()) -> PluginError:
    """The error that names the distribution and lists every fault."""
    return PluginError(message, distribution=distribution, faults=faults)


def while_loading(distribution: str, what: str, call: Callable[[], T]) -> T:
    """Call the code of a plugin that is being loaded; raises PluginError for whatever it raises."""
    try:
        return call()
    except (Exception, SystemExit) as error:  # a module that calls sys.exit() must not end the host
        raise refusal(
            distribution,
            f"{what} raised {type(error).__name__}: {error}. Repair or uninstall it; the cause is attached",
        ) from error


def at_work(distribution: str, what: str, call: Callable[[], T]) -> T:
    """Call the code of a plugin in use; raises PluginError for any exception but a DcssError."""
    try:
        return call()
    except DcssError:
        raise
    except Exception as error:
        raise refusal(
            distribution,
            f"{what} raised {type(error).__name__} (the attached cause says more and may hold what is "
            "secret). Report it to the plugin's author: a plugin raises errors of dcss_core only",
        ) from error


def check_port(distribution: str, what: str, made: object, port: type) -> None:
    """See that an object has every method of a port; raises PluginError with all that are missing."""
    methods = [name for name, value in vars(port).items() if callable(value) and not name.startswith("_")]
    faults = [
        Fault(f"{port.__name__}.{name}", "nothing to call", "a method")
        for name in methods
        if not callable(getattr(made, name, None))
    ]
    if faults:
        raise refusal(
            distribution,
            f"{what} made a {type(made).__name__}, which is no {port.__name__}; "
            f"its author can test it with the conformance kit of dcss_core.testing",
            faults,
        )
