"""The HTTP client of Clever's API: tokens, paging, retries, rate limit, errors."""

from pipelines.clever.blocked import Blocked, hash_of
from pipelines.clever.client import Clever, Known, Page, host_url, nothing_is_known
from pipelines.clever.connection import Exchange
from pipelines.clever.credentials import ClientCredentials, DistrictTokens
from pipelines.clever.districts import ConnectedDistrict, Districts, FailedToken
from pipelines.clever.envelopes import Records
from pipelines.clever.errors import (
    AccessError,
    BrokenChainError,
    CleverError,
    ClosedError,
    GoneRecordError,
    InvalidResponseError,
    MalformedRecordError,
    MalformedResponseError,
    NoResponseError,
    NoSecureSyncError,
    RateLimitedError,
    RefusedRequestError,
    RefusedSecretError,
    TimedOutError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from pipelines.clever.network import NetworkSettingError
from pipelines.clever.retry import Clock, RetryPolicy
from pipelines.clever.streams import EVENTS, STREAMS, USERS, Stream

__all__ = [
    "EVENTS",
    "STREAMS",
    "USERS",
    "AccessError",
    "Blocked",
    "BrokenChainError",
    "Clever",
    "CleverError",
    "ClientCredentials",
    "Clock",
    "ClosedError",
    "ConnectedDistrict",
    "DistrictTokens",
    "Districts",
    "Exchange",
    "FailedToken",
    "GoneRecordError",
    "InvalidResponseError",
    "Known",
    "MalformedRecordError",
    "MalformedResponseError",
    "NetworkSettingError",
    "NoResponseError",
    "NoSecureSyncError",
    "Page",
    "RateLimitedError",
    "Records",
    "RefusedRequestError",
    "RefusedSecretError",
    "RetryPolicy",
    "Stream",
    "TimedOutError",
    "UnauthorizedError",
    "UnavailableError",
    "UnreachableError",
    "hash_of",
    "host_url",
    "nothing_is_known",
]
