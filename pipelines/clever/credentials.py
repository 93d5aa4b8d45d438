"""How the client proves who it is: the app's id and secret, or the districts' own tokens. Neither is ever shown."""

import base64
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"[\x21-\x7e]+")


def is_token(text: str | None) -> bool:
    """Whether the text can be sent in an Authorization header: printable ASCII without blanks.

    Checked before use, because the HTTP library repeats an illegal header value in its error.
    """
    return text is not None and _TOKEN.fullmatch(text) is not None


def bearer(token: str) -> str:
    """Return the Authorization header of a district's token."""
    return f"Bearer {token}"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The app's client id and secret, with which the connected districts and their tokens are listed."""

    client_id: str
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be credentials; raises ValueError."""
        if not self.client_id or not self.client_secret:
            raise ValueError("the client id and the client secret must not be empty")
        if ":" in self.client_id:
            raise ValueError("the client id must not contain a colon")

    @property
    def basic(self) -> str:
        """The Authorization header."""
        pair = f"{self.client_id}:{self.client_secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True, init=False)
class DistrictTokens:
    """Bearer tokens of districts, where no client secret is at hand; blanks around them and empty entries are dropped.

    Errors name a token by its position in the remaining list, from 1.
    """

    tokens: tuple[str, ...] = field(repr=False)

    def __init__(self, tokens: "list[str] | tuple[str, ...]") -> None:
        """Take the tokens; raises ValueError if none is left or one cannot be a token."""
        kept = tuple(dict.fromkeys(token.strip() for token in tokens if token.strip()))
        if not kept:
            raise ValueError("there is no district token")
        for position, token in enumerate(kept, start=1):
            if not is_token(token):
                raise ValueError(f"district token number {position} contains a character that no token has")
        object.__setattr__(self, "tokens", kept)
