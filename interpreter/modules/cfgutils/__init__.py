"""Module cfgutils: chance, shared values, locks, waiting, time recurrences (cfgutils manual)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.control import Exit
from relayscript.interpreter.declaration import Module, Parameter, command, function, variable
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.cfgutils.recurrence import RecurrenceError, holds
from relayscript.interpreter.values import Value
from relayscript.interpreter.waiting import Turnstile, wait

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

Json = dict[str, Any]
_PRESET = re.compile(
    r"\s*(?P<name>[^=\s]+)\s*=\s*(?:[iI]\s*:\s*(?P<number>[+-]?[0-9]+)|[sS]\s*:(?P<text>.*))", re.DOTALL
)


class Cfgutils(Module):
    """Functions that need neither message nor call."""

    name = "cfgutils"
    parameters = (
        Parameter("initial_probability", 10), Parameter("hash_file"), Parameter("shv_hash_size", 64),
        Parameter("shvset", None, repeatable=True), Parameter("varset", None, repeatable=True),
        Parameter("lock_pool_size", 32),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        if not 0 <= settings["initial_probability"] <= 100:
            raise ValueError("initial_probability goes from 0 to 100")
        pool = settings["lock_pool_size"]
        if pool < 1 or pool & (pool - 1):
            raise ValueError("lock_pool_size is to be a power of 2")
        self._presets = dict(map(_preset, settings["varset"]))
        self.shared: dict[str, Value] = dict(map(_preset, settings["shvset"]))
        self._probability: int = settings["initial_probability"]
        self._locks: dict[str, Turnstile] = {}
        self._config_hash = self._hash()

    def start(self) -> None:
        """Give `$var`s their first values."""
        self.runtime.script_variables.update(self._presets)

    # ---- chance

    @function()
    def rand_set_prob(self, context: Context, probability: int) -> int:
        """Set the probability (percent) of `rand_event`: 1; -1 beyond 0 to 100."""
        if not 0 <= probability <= 100:
            return -1
        self._probability = probability
        return 1

    @function()
    def rand_reset_prob(self, context: Context) -> int:
        """Set the probability back to its first value: 1."""
        self._probability = self.settings["initial_probability"]
        return 1

    @function()
    def rand_get_prob(self, context: Context) -> int:
        """The probability as return code."""
        return self._probability

    @function()
    def rand_event(self, context: Context, probability: int | None = None) -> int:
        """1 with that probability (percent), or with the one that is set; else -1."""
        chance = self._probability if probability is None else probability
        return 1 if self.runtime.ids.number("chance", 100) < chance else -1

    @variable("RANDOM")
    def random(self, context: Context) -> Value:
        """A random number below 2**31."""
        return self.runtime.ids.number("random", 2**31)

    # ---- waiting and locks

    @function(waits=True)
    def sleep(self, context: Context, seconds: int) -> int:
        """Wait that many seconds, while other messages go on: 1."""
        return self._pause(float(seconds))

    @function(waits=True)
    def usleep(self, context: Context, microseconds: int) -> int:
        """Wait that many microseconds, while other messages go on: 1."""
        return self._pause(microseconds / 1_000_000)

    def _pause(self, seconds: float) -> int:
        def start(done: Callable[[bool], None]) -> None:
            self.runtime.timers.start(seconds, lambda: done(True))

        if seconds > 0:
            wait(start)
        return 1

    @function(waits=True)
    def get_static_lock(self, context: Context, key: str) -> int:
        """Take the lock of a key, waiting while another run has it: 1."""
        return self._lock(key)

    @function()
    def release_static_lock(self, context: Context, key: str) -> int:
        """Give the lock of a key back, if somebody has it: 1."""
        return self._unlock(key)

    @function(waits=True)
    def get_dynamic_lock(self, context: Context, key: str) -> int:
        """Take the lock of a key, waiting while another run has it: 1."""
        return self._lock(key)

    @function()
    def release_dynamic_lock(self, context: Context, key: str) -> int:
        """Give the lock of a key back, if somebody has it: 1."""
        return self._unlock(key)

    @function()
    def strings_share_lock(self, context: Context, first: str, second: str | None = None) -> int:
        """Whether two keys have one lock: 1 if they are equal, else -1."""
        return 1 if first == second else -1

    def _lock(self, key: str) -> int:
        self._locks.setdefault(key, Turnstile()).__enter__()
        return 1

    def _unlock(self, key: str) -> int:
        lock = self._locks.get(key)
        if lock is not None and lock.taken:
            lock.__exit__()
            if not lock.taken:
                del self._locks[key]
        return 1

    # ---- shared values

    @variable("shv", parameter="optional")
    def shv(self, context: Context, name: str | None) -> Value:
        """A value that all messages share; 0 if it was never set."""
        return self.shared.get(name, 0) if name is not None else None

    @shv.setter
    def set_shv(self, context: Context, name: str | None, op: str, value: Value) -> bool:
        """Set it; NULL is 0."""
        if name is None:
            return False
        self.shared[name] = 0 if value is None else int(value) if isinstance(value, int) else str(value)
        return True

    @command("cfgutils:shv_get", "shv_get")
    def shv_get(self, name: str | None = None) -> Json:
        """One shared value, or all."""
        if name is None:
            return {"VARs": [{"name": each, **_shown(value)} for each, value in self.shared.items()]}
        if name not in self.shared:
            raise CommandError(404, "Not found")
        return {"VAR": _shown(self.shared[name])}

    @command("cfgutils:shv_set", "shv_set")
    def shv_set(self, name: str, type: str, value: str) -> str:
        """Set a shared value of type `int` or `str`."""
        if type in ("int", "integer"):
            try:
                self.shared[name] = int(value)
            except ValueError:
                raise CommandError(400, "Invalid value") from None
        else:
            self.shared[name] = value
        return "OK"

    # ---- time

    @function()
    def check_time_rec(self, context: Context, recurrence: str, at: int | None = None) -> int:
        """Whether a time (seconds since the epoch; now if left out) is within a recurrence: 1 or -1."""
        try:
            return 1 if holds(recurrence, self.runtime.host.wall() if at is None else at) else -1
        except RecurrenceError as error:
            context.log(-1, f"check_time_rec: {error}")
            return -1

    @function()
    def ts_usec_delta(
        self,
        context: Context,
        seconds: int,
        microseconds: int,
        other_seconds: int,
        other_microseconds: int,
        text: Reference | None = None,
        number: Reference | None = None,
    ) -> int:
        """Write how many microseconds lie between two times, as text and as number: 1 or -1."""
        delta = abs((seconds - other_seconds) * 1_000_000 + microseconds - other_microseconds)
        if text is not None and not text.set(str(delta)):
            return -1
        if number is not None and (delta >= 2**31 or not number.set(delta)):
            return -1
        return 1

    @function()
    def get_accurate_time(
        self, context: Context, seconds: Reference, microseconds: Reference, text: Reference | None = None
    ) -> int:
        """Write the time as seconds and microseconds, and as `seconds.microseconds`: 1."""
        whole, rest = divmod(int(self.runtime.host.wall() * 1_000_000), 1_000_000)
        seconds.set(whole)
        microseconds.set(rest)
        if text is not None:
            text.set(f"{whole}.{rest:06d}")
        return 1

    @variable("ctime", parameter="optional")
    def ctime(self, context: Context, name: str | None) -> Value:
        """A part of the local time: sec, min, hour, mday, mon, year, wday, yday or isdst."""
        moment = datetime.fromtimestamp(self.runtime.host.wall())
        now = moment.timetuple()
        parts = {
            "sec": now.tm_sec, "min": now.tm_min, "hour": now.tm_hour, "mday": now.tm_mday, "mon": now.tm_mon,
            "year": now.tm_year, "wday": now.tm_wday + 1, "yday": now.tm_yday, "isdst": _is_summer(moment),
        }  # fmt: skip
        return parts.get(name or "")

    # ---- values

    @function()
    def set_count(self, context: Context, values: Reference, target: Reference) -> int:
        """Write how many values a variable has: 1."""
        if self.runtime.registry.takes_index(values.node):
            count = len(list(self.runtime.registry.elements(replace(values.node, index="*"))(context)))
        else:
            count = 0 if values.get() is None else 1
        return 1 if target.set(count) else -1

    @function()
    def shuffle_avps(self, context: Context, values: Reference) -> int:
        """Put the values of an AVP into a random order: 1."""
        found = context.avps.get(values.parameter or "", [])
        self._shuffle(found)
        return 1

    @function()
    def set_select_weight(self, context: Context, values: Reference) -> int:
        """Choose one of the numbers of an AVP, larger ones more often: its index, from 0; -1 without any.

        As any function's result, an index of 0 ends the script.
        """
        found = context.avps.get(values.parameter or "", [])
        weights = [each if isinstance(each, int) and each > 0 else 0 for each in found]
        if not sum(weights):
            return -1
        at = self.runtime.ids.number("weight", sum(weights))
        for index, weight in enumerate(weights):
            if at < weight:
                return index
            at -= weight
        return -1

    def _shuffle(self, values: list[Value]) -> None:
        for last in range(len(values) - 1, 0, -1):
            other = self.runtime.ids.number("shuffle", last + 1)
            values[last], values[other] = values[other], values[last]

    @variable("env", parameter="optional")
    def env(self, context: Context, name: str | None) -> Value:
        """A variable of the environment of this process."""
        return os.environ.get(name) if name is not None else None

    # ---- the process

    @function()
    def abort(self, context: Context) -> int:
        """End the run; the server goes on."""
        context.log(-2, "abort: the script asked for it")
        raise Exit

    @function()
    def pkg_status(self, context: Context) -> int:
        """Memory is not managed here: 1."""
        return 1

    @function()
    def shm_status(self, context: Context) -> int:
        """Memory is not managed here: 1."""
        return 1

    # ---- management

    @command("cfgutils:rand_set_prob", "rand_set_prob")
    def set_probability(self, prob_proc: int) -> str:
        """Set the probability (percent)."""
        if not 0 <= prob_proc <= 100:
            raise CommandError(400, "Percentage must be between 0 and 100")
        self._probability = prob_proc
        return "OK"

    @command("cfgutils:rand_reset_prob", "rand_reset_prob")
    def reset_probability(self) -> str:
        """Set the probability back."""
        self._probability = self.settings["initial_probability"]
        return "OK"

    @command("cfgutils:rand_get_prob", "rand_get_prob")
    def get_probability(self) -> Json:
        """The probability."""
        return {"The probability is": self._probability}

    @command("cfgutils:get_config_hash", "get_config_hash")
    def get_config_hash(self) -> str:
        """The MD5 of the file in `hash_file` as it was at the start."""
        if self._config_hash is None:
            raise CommandError(404, "No hash_file")
        return self._config_hash

    @command("cfgutils:check_config_hash", "check_config_hash")
    def check_config_hash(self) -> str:
        """Whether that file is still the same."""
        if self._config_hash is None:
            raise CommandError(404, "No hash_file")
        if self._hash() != self._config_hash:
            raise CommandError(400, "The actual config file hash and the stored one differ.")
        return "The actual config file hash is identical to the stored one."

    def _hash(self) -> str | None:
        try:
            with open(self.settings["hash_file"] or "", "rb") as file:
                return md5(file.read(), usedforsecurity=False).hexdigest()
        except OSError:
            return None


def _is_summer(moment: datetime) -> int:
    """1 if daylight saving time is in force in the local time zone, else 0."""
    usual = min(_offset(moment.replace(month=month, day=1)) for month in (1, 7))
    return int(_offset(moment) > usual)


def _offset(moment: datetime) -> float:
    """Seconds by which local time is ahead of UTC then."""
    return (moment.replace(tzinfo=UTC) - moment.astimezone()).total_seconds()


def _preset(text: str) -> tuple[str, Value]:
    """Name and value of `name=s:text` or `name=i:5`. Raises ValueError for anything else."""
    found = _PRESET.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is neither name=s:text nor name=i:number")
    return found["name"], int(found["number"]) if found["number"] else found["text"]


def _shown(value: Value) -> Json:
    return {"type": "integer" if isinstance(value, int) else "string", "value": value}
