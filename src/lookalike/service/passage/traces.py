"""Where is a request's time spent, seen from other systems? Spans for OpenTelemetry, where somebody wants them."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.errors import MissingExtra
from lookalike.service.access.rules import RULE

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class Tracing:
    """Makes a span of each request, within the trace of whoever asks.

    Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
    """

    def __init__(self, app: ASGIApp, provider: "TracerProvider") -> None:
        """Wrap an app."""
        from opentelemetry.propagate import get_global_textmap

        self._app = app
        self._tracer = provider.get_tracer("lookalike.service")
        self._propagator = get_global_textmap()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within a span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode

        context = self._propagator.extract(dict(Headers(scope=scope)))
        given = {"http.request.method": scope["method"], "url.scheme": scope["scheme"]}
        with self._tracer.start_as_current_span(scope["method"], context, SpanKind.SERVER, given) as span:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, note)
            finally:
                template = scope[RULE].template if RULE in scope else ""
                if template:
                    span.update_name(f"{scope['method']} {template}")
                    span.set_attribute("http.route", template)


def start_tracing(endpoint: str) -> "TracerProvider":
    """Send spans to a collector, in the background; `shutdown()` sends the last.

    Raises:
        MissingExtra: OpenTelemetry is not installed.
    """
    if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        raise MissingExtra("Traces cannot be sent here.", "Run `pip install 'lookalike[telemetry]'`.")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "lookalike"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider
