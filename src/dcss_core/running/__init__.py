"""Running: what an agency needs beside its portal: its jobs, its health, its keys, and what is told of them.

`run_jobs` runs the jobs of an agency in one process, as the command `dcss run` does; `agency.health()`
answers with a `Health`, and `agency.keys.report()` with a `KeysReport`. `add_key`, `use_key`, `bound_key` and
`retire_key` change a key file.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.health.check import (
        HealthCheck as HealthCheck,
        HealthStatus as HealthStatus,
        HealthSubject as HealthSubject,
    )
    from dcss_core.health.report import Health as Health
    from dcss_core.keys.report import (
        KeyNeed as KeyNeed,
        KeyPurpose as KeyPurpose,
        KeysReport as KeysReport,
        KeyStanding as KeyStanding,
        KeyUse as KeyUse,
    )
    from dcss_core.keys.reseal_report import ResealReport as ResealReport
    from dcss_core.opening.key_changes import (
        add_key as add_key,
        bound_key as bound_key,
        retire_key as retire_key,
        use_key as use_key,
    )
    from dcss_core.opening.observing.logged import LoggingObserver as LoggingObserver
    from dcss_core.opening.observing.telemetry import (
        TelemetryObserver as TelemetryObserver,
        telemetry_observer as telemetry_observer,
    )
    from dcss_core.ports.keys import RetiredKey as RetiredKey
    from dcss_core.ports.observer import (
        Observable as Observable,
        Observed as Observed,
        Observer as Observer,
        Severity as Severity,
    )
    from dcss_core.running.job import Job as Job, JobTotal as JobTotal
    from dcss_core.running.process import Stopping as Stopping, run_jobs as run_jobs
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".health.check": "HealthCheck HealthStatus HealthSubject",
            ".health.report": "Health",
            ".keys.report": "KeyNeed KeyPurpose KeysReport KeyStanding KeyUse",
            ".keys.reseal_report": "ResealReport",
            ".opening.key_changes": "add_key bound_key retire_key use_key",
            ".opening.observing.logged": "LoggingObserver",
            ".opening.observing.telemetry": "TelemetryObserver telemetry_observer",
            ".ports.keys": "RetiredKey",
            ".ports.observer": "Observable Observed Observer Severity",
            "job": "Job JobTotal",
            "process": "Stopping run_jobs",
        },
    )
