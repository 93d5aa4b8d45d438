"""Terms: when sections take place.

Clever builds terms from sections; a district may have none. The ID of a term is another one when it is built again, as happens when
the school year rolls over.
"""

from typing import Final

from pipelines.records.declare import Field, Kind, Stream, Table, Tier

TERMS: Final = Stream(
    "terms",
    "/terms",
    is_rebuilt=True,
    tables=(
        Table(
            "terms",
            "",
            "One row per district and term currently in Clever.",
            id_column="term_id",
            id_comment="Clever ID of the term.",
            group="school",
            fields=(
                Field("name", "name", Kind.TEXT, Tier.PUBLIC, "Name of the term; NULL if not sent."),
                Field("start_date", "start_date", Kind.DATE, Tier.PUBLIC, "First day of the term; NULL if not sent."),
                Field("end_date", "end_date", Kind.DATE, Tier.PUBLIC, "Last day of the term; NULL if not sent."),
            ),
        ),
    ),
)
