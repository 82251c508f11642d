"""What only some orders have: a stop's trigger, and the sleeves an order serves.

Revision 0002, after 0001.
"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "intent_terms",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_order_id", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=True),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_intent_terms")),
        sa.UniqueConstraint("client_order_id", name=op.f("uq_intent_terms_client_order_id")),
    )
    fence()


def fence() -> None:
    """Make the database refuse to change or delete a fact, as the first revision did for the others."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE TRIGGER intent_terms_append_only BEFORE UPDATE OR DELETE ON intent_terms "
            "FOR EACH ROW EXECUTE FUNCTION poise_append_only()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER intent_terms_no_{deed.lower()} BEFORE {deed} ON intent_terms "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END"
        )
