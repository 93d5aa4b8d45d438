"""What the command rekey shows: what is encrypted, and what is left to do."""

from rich.console import Console

from pipelines.operations.rekey import Rekeyed
from pipelines.warehouse import Warehouse


def show(done: Rekeyed, warehouse: Warehouse, console: Console) -> None:
    """Show what was changed, where the keys are, and what stays plain."""
    what = "Encrypted" if done.is_encrypted else "Decrypted"
    counts = f"{done.databases:,} databases and {done.landing_files:,} landing files"
    lines = [f"{what}: {counts} in {warehouse.folder}; the others were so already."]
    if done.is_encrypted:
        lines.append(
            f"The key is in {warehouse.key_file}. Back it up apart from the data: without it, nobody can read the data."
        )
    else:
        lines.append("Remove CLEVER_ENCRYPTION_KEY_FILE now: as long as it is set, commands refuse the plain files.")
    if done.former_key_file:
        lines.append(
            f"The former key is in {done.former_key_file}: earlier backups need it. Delete it with the last of them."
        )
    if done.is_encrypted and done.plain_files:
        lines.append(
            f"{done.plain_files:,} files in reports/ and exports/ of that folder are not encrypted: move them to a safe place, or delete "
            "them."
        )
    if done.is_encrypted:
        lines.append("The disk may still hold blocks of the former files: only disk encryption protects those.")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
