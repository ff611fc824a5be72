"""Errors as Stripe words them: a type, a code, a parameter and an HTTP status (docs.stripe.com/error-codes)."""

from collections.abc import Mapping
from typing import Any

DOCUMENTATION = "https://docs.stripe.com/error-codes/"


class Refusal(Exception):
    """An answer other than 200. `detail` is what else stands in the error object, such as the declined intent."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.detail = detail or {}

    def body(self) -> dict[str, Any]:
        """The JSON that Stripe would send: {"error": {...}}."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCUMENTATION + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return {"error": error | dict(self.detail)}


def missing(param: str) -> Refusal:
    """A required parameter was not sent."""
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> Refusal:
    """A parameter that this version of the API does not have."""
    return Refusal(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def no_such(kind: str, wanted: str, param: str = "id") -> Refusal:
    """An object named by a parameter is not there (400); named by the path, the same with 404."""
    return Refusal(
        f"No such {kind}: '{wanted}'",
        status=404 if param == "id" else 400,
        code="resource_missing",
        param=param,
    )


def no_such_path(method: str, path: str) -> Refusal:
    """Nothing answers at this address."""
    return Refusal(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
    )
