"""Observers: what is told of verbs and jobs, as logging, and as OpenTelemetry where somebody asks for it."""
