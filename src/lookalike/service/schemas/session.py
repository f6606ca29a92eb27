"""Who is logged in?"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LogIn(BaseModel):
    """What somebody shows to log in."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(
        min_length=1,
        max_length=16_384,
        description="A key that `lookalike keys add` made, or a token of the identity provider.",
        examples=["lk_s3x0pVYbkY4kQ0bq9tW1b5aQ8d0u2yXr6zJm7cNfE1g"],
    )


class SessionInfo(BaseModel):
    """Who the caller is, and what they may do."""

    login_needed: bool = Field(description="Whether nothing of the gallery is shown without a login.")
    name: str = Field(description="Of the key or the token's owner; empty for nobody.", examples=["phone"])
    scope: Literal["read", "write", "admin"] | None = Field(
        description="What they may do; each holds those before it. Null for nothing yet.", examples=["write"]
    )
    may_write: bool = Field(description="Whether they may upload, edit and delete.")
    may_administer: bool = Field(description="Whether they may block pictures, delete files, and see how it all runs.")
    may_index: bool = Field(description="Whether they may have folders of the server's machine indexed.")
    issuer: str = Field(
        description="The identity provider whose tokens are taken; empty for none.", examples=["https://id.example.org"]
    )
