"""A gRPC server that speaks Firestore's protocol, honestly or with a chosen fault, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc
from google.cloud.firestore_admin_v1.types import Database
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    CommitRequest,
    CommitResponse,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
)
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from tests.servers.memory_firestore import MemoryFirestore, NoIndexError, PreconditionError

_Answers = Callable[[Any], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived: `method` is as in "RunQuery"; `message` and `headers` as they were sent."""

    method: str
    message: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Fault:
    """What follows the first `after` answers of a call, `times` times.

    That is a status with `details` (OK just ends the call), or for None silence: for good, or for some seconds.
    """

    status: grpc.StatusCode | None
    details: str = ""
    reason: str = ""
    method: str | None = None  # only calls of this method; None: of any
    after: int = 0
    times: float = float("inf")
    seconds: float | None = None
    document: str = ""  # of commits only those that write a document whose name ends so


class FaultServer:
    """Serves `store` on `host`; use it in a `with`. `returned` counts the documents that went out."""

    def __init__(self) -> None:
        self.store = MemoryFirestore()
        self.calls: list[Call] = []
        self.returned = 0
        self.fault: Fault | None = None
        self.database: Database | None = None  # what the Admin API tells; None: there is no such API, as at emulators
        self.abandoned = threading.Event()  # a caller gave up on a silent call
        self._lock = threading.RLock()
        self._server = grpc.server(ThreadPoolExecutor(16, thread_name_prefix="fault-server"))
        self._server.add_generic_rpc_handlers((self._handlers(), self._admin()))
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def fail(self, status: grpc.StatusCode | None, details: str = "", **more: Any) -> None:
        """Fail from now on; see `Fault`."""
        self.fault = Fault(status, details, **more)

    def recover(self) -> None:
        """Answer honestly again."""
        self.fault = None

    def made(self, method: str) -> list[Call]:
        """Return the calls of one method so far."""
        return [call for call in self.calls if call.method == method]

    def __enter__(self) -> FaultServer:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(grace=None).wait()

    def _handlers(self) -> grpc.GenericRpcHandler:
        methods = {
            "RunQuery": self._streaming("RunQuery", RunQueryRequest, self._run_query),
            "RunAggregationQuery": self._streaming("RunAggregationQuery", RunAggregationQueryRequest, self._aggregate),
            "BatchGetDocuments": self._streaming("BatchGetDocuments", BatchGetDocumentsRequest, self._batch_get),
            "Commit": grpc.unary_unary_rpc_method_handler(
                self._commit,
                request_deserializer=CommitRequest.pb().FromString,
                response_serializer=lambda message: message.SerializeToString(),
            ),
        }
        return grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", methods)

    def _admin(self) -> grpc.GenericRpcHandler:
        get = grpc.unary_unary_rpc_method_handler(self._get_database, None, Database.serialize)
        return grpc.method_handlers_generic_handler("google.firestore.admin.v1.FirestoreAdmin", {"GetDatabase": get})

    def _get_database(self, _request: bytes, context: grpc.ServicerContext) -> Database:
        if self.database is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        return self.database

    def _streaming(self, method: str, request: Any, answer: _Answers) -> grpc.RpcMethodHandler:
        def handle(message: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            self.calls.append(Call(method, message, dict(context.invocation_metadata())))
            with self._lock:
                try:
                    answers = list(answer(message))
                except NoIndexError:
                    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "The query requires an index.")
            yield from self._faulty(method, answers, context)

        return grpc.unary_stream_rpc_method_handler(
            handle,
            request_deserializer=request.pb().FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    def _faulty(self, method: str, answers: list[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        fault = self.fault
        if fault is None or fault.method not in {None, method} or fault.times <= 0 or len(answers) < fault.after:
            yield from self._counted(answers)
            return
        fault.times -= 1
        yield from self._counted(answers[: fault.after])
        if fault.status is grpc.StatusCode.OK:
            return
        if fault.status is None:
            gone = threading.Event()
            if context.add_callback(gone.set) and not gone.wait(fault.seconds):
                yield from self._counted(answers[fault.after :])
            else:
                self.abandoned.set()
            return
        context.abort_with_status(_status(fault, fault.status))

    def _counted(self, answers: list[Any]) -> Iterator[Any]:
        for answer in answers:
            self.returned += isinstance(answer, RunQueryResponse.pb()) and answer.HasField("document")
            yield answer

    def _run_query(self, request: Any) -> Iterator[Any]:
        read_time = self.store.read_time()
        response = RunQueryResponse.pb()
        found = self.store.find(request.parent, request.structured_query)
        yield from (response(document=document, read_time=read_time) for document in found)
        if not found:
            yield response(read_time=read_time)

    def _aggregate(self, request: Any) -> Iterator[Any]:
        answer = RunAggregationQueryResponse.pb()(read_time=self.store.read_time())
        for alias, value in self.store.aggregate(request.parent, request.structured_aggregation_query).items():
            answer.result.aggregate_fields[alias].CopyFrom(value)
        yield answer

    def _batch_get(self, request: Any) -> Iterator[Any]:
        response = BatchGetDocumentsResponse.pb()
        for name in request.documents:
            document = self.store.get(name, request.mask.field_paths)
            known = {"found": document} if document is not None else {"missing": name}
            yield response(**known, read_time=self.store.read_time())

    def _commit(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls.append(Call("Commit", request, dict(context.invocation_metadata())))
        commit_time = self.store.read_time()
        answer = CommitResponse.pb()(commit_time=commit_time)
        with self._lock:
            try:
                self.store.commit(request.writes)
            except PreconditionError as error:
                context.abort(grpc.StatusCode[str(error)], "the document is not as it should be")
        for _ in request.writes:
            answer.write_results.add(update_time=commit_time)
        return self._unless_lost(request, answer, context)

    def _unless_lost(self, request: Any, answer: Any, context: grpc.ServicerContext) -> Any:
        """Return the answer of a commit, unless it is to be lost though all was written; silence is for other calls."""
        fault = self.fault
        is_meant = any(write.update.name.endswith(fault.document) for write in request.writes) if fault else False
        if fault and is_meant and fault.status and fault.method == "Commit" and fault.times > 0:
            fault.times -= 1
            context.abort_with_status(_status(fault, fault.status))
        return answer


def _status(fault: Fault, code: grpc.StatusCode) -> grpc.Status:
    message = Status(code=code.value[0], message=fault.details)
    if fault.reason:
        info = AnyMessage()
        info.Pack(ErrorInfo(reason=fault.reason, domain="googleapis.com"))
        message.details.append(info)
    return rpc_status.to_status(message)
