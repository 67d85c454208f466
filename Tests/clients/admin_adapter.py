"""One face for the admin clients of the libraries, so that each passes the same tests (admin_contract.py)."""

from __future__ import annotations


class AdminAdapter:
    """Every call connects anew to `address` and raises `Refused` with the protocol's error code."""

    # What the library has no call for, or does not let through to the broker.
    has_incremental_alter = True
    has_list_offsets = True
    tells_errors_of_describe = True

    def create(self, address: str, topic: str, partitions=1, replicas=1, configs=None, validate_only=False) -> None:
        raise NotImplementedError

    def delete(self, address: str, topic: str) -> None:
        raise NotImplementedError

    def add_partitions(self, address: str, topic: str, total: int, validate_only=False) -> None:
        raise NotImplementedError

    def configs(self, address: str, topic: str) -> dict[str, tuple[str, bool]]:
        """Every setting of the topic: its value, and whether it is a default."""
        raise NotImplementedError

    def set_config(self, address: str, topic: str, name: str, value: str | None) -> None:
        """IncrementalAlterConfigs: sets one setting, or with None puts it back to its default."""
        raise NotImplementedError

    def replace_configs(self, address: str, topic: str, configs: dict[str, str]) -> None:
        """AlterConfigs: what is not named goes back to its default."""
        raise NotImplementedError

    def delete_records(self, address: str, topic: str, before: int, partition=0) -> int:
        """The new first offset."""
        raise NotImplementedError

    def list_offset(self, address: str, topic: str, which: str, partition=0) -> tuple[int, int]:
        """Offset and timestamp of "earliest", "latest" or "max_timestamp"."""
        raise NotImplementedError

    def cluster(self, address: str) -> tuple[list[str], int, str | None]:
        """Addresses of the brokers, id of the controller, id of the cluster."""
        raise NotImplementedError
