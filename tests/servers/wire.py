"""What goes over the wire to a Firestore: a server between, which counts and can cut the connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

import grpc
from google.cloud.firestore_v1.types import RunQueryResponse

_SERVICE = "/google.firestore.v1.Firestore/"


class Wire:
    """Passes queries on to the Firestore at `upstream`; use it in a `with`, and connect to its `host`.

    Of queries for documents, `queries` is how many there were, `documents` how many came back, and `reads` what
    Firestore bills for them: an empty answer costs as much as one document. `aggregations` counts the queries that
    count or add up, and `bytes` what came back to all.
    """

    def __init__(self, upstream: str) -> None:
        self.queries = self.documents = self.reads = self.aggregations = self.bytes = 0
        self.cut_after: int | None = None  # answers that still pass before every call breaks off
        self._channel = grpc.insecure_channel(upstream)
        self._server = grpc.server(ThreadPoolExecutor(4, thread_name_prefix="wire"))
        methods = {
            "RunQuery": grpc.unary_stream_rpc_method_handler(self._query),
            "RunAggregationQuery": grpc.unary_stream_rpc_method_handler(self._count),
        }
        handlers = grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", methods)
        self._server.add_generic_rpc_handlers((handlers,))
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Wire:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(grace=None).wait()
        self._channel.close()

    def _query(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self.queries += 1
        self.reads += 1
        for number, answer in enumerate(self._pass_on("RunQuery", request, context)):
            self.documents += RunQueryResponse.pb().FromString(answer).HasField("document")
            self.reads += number > 0  # the first one, if only an empty one, is paid for
            yield answer

    def _count(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        self.aggregations += 1
        yield from self._pass_on("RunAggregationQuery", request, context)

    def _pass_on(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        call: Callable[..., Iterator[bytes]] = self._channel.unary_stream(_SERVICE + method)
        headers = [(key, value) for key, value in context.invocation_metadata() if key == "authorization"]
        for answer in call(request, metadata=headers):
            if self.cut_after is not None:
                self.cut_after -= 1
                if self.cut_after < 0:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "the wire was cut")
            self.bytes += len(answer)
            yield answer
