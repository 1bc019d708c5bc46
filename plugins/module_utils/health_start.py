# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a program in one file (`groundwork-health`, `groundwork-patch-status`): it runs modules out of texts that stand behind it.

Starting is most of its work, once a minute. So the byte code of the texts is kept in a file that only root may write, and our own
modules get a `typing` and a `dataclasses` that know what they use of them; those of Python take longer to import than the checks.
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False  # that of `typing` would have to be imported
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, NoReturn, Tuple

PACKAGE = "ansible_collections.groundwork.fleet.plugins.module_utils"
MISSING = object()


class Field:
    """One option, like dataclasses.Field."""

    def __init__(self, default: Any = MISSING, default_factory: Any = MISSING, metadata: Any = None) -> None:
        self.name = ""
        self.type: Any = ""
        self.default = default
        self.default_factory = default_factory
        self.metadata = metadata or {}


def fields(made: Any) -> Tuple[Field, ...]:
    """Return the fields of a class or an object."""
    return tuple(made.__dataclass_fields__.values())


def _values(made: Any, given: Tuple[Any, ...], named: Dict[str, Any]) -> Dict[str, Any]:
    """Return the value of each field; raises TypeError like a function with such arguments."""
    values = dict(zip(made.__dataclass_fields__, given), **named)
    for one in fields(made):
        if one.name not in values:
            if one.default is MISSING and one.default_factory is MISSING:
                raise TypeError("%s needs %s" % (made.__name__, one.name))
            values[one.name] = one.default if one.default_factory is MISSING else one.default_factory()
    if len(values) > len(made.__dataclass_fields__):
        raise TypeError("%s does not know %s" % (made.__name__, ", ".join(set(values) - set(made.__dataclass_fields__))))
    return values


def dataclass(made: Any = None, **_options: Any) -> Any:
    """Give a class its __init__ and __eq__, like dataclasses.dataclass."""
    if made is None:
        return dataclass
    known: Dict[str, Field] = {}
    for name, kind in made.__dict__.get("__annotations__", {}).items():  # noqa: RUF063  # typing_extensions is none of the host's
        default = made.__dict__.get(name, MISSING)
        known[name] = default if isinstance(default, Field) else Field(default)
        known[name].name, known[name].type = name, kind
    made.__dataclass_fields__ = known
    made.__init__ = lambda self, *given, **named: self.__dict__.update(_values(made, given, named))
    made.__eq__ = lambda self, other: type(self) is type(other) and self.__dict__ == other.__dict__
    made.__hash__ = None
    return made


def replace(made: Any, **changes: Any) -> Any:
    """Return a copy with other values."""
    return type(made)(**dict(made.__dict__, **changes))


class _NamedTuple(type):
    def __new__(cls, name: str, bases: Tuple[type, ...], inside: Dict[str, Any]) -> Any:
        if not bases:
            return type.__new__(cls, name, bases, inside)
        from collections import namedtuple  # pylint: disable=import-outside-toplevel

        names = list(inside.get("__annotations__", {}))
        made = namedtuple(name, names, defaults=[inside[one] for one in names if one in inside])  # type: ignore[misc]
        for key, value in inside.items():
            if key not in names and key not in ("__module__", "__qualname__", "__annotations__"):
                setattr(made, key, value)
        return made


class NamedTuple(metaclass=_NamedTuple):
    """Like typing.NamedTuple."""


class _Hint:
    """Stands for any type hint, none of which is asked for when the program runs."""

    def __getitem__(self, _inside: Any) -> Any:
        return self


class _Typing:
    """Like the module typing, as far as hints go."""

    TYPE_CHECKING = False
    NamedTuple = NamedTuple
    Mapping = Dict = dict  # asked for by isinstance too
    Sequence = List = list

    @staticmethod
    def cast(_kind: Any, value: Any) -> Any:
        """Return the value, as typing.cast does."""
        return value

    def __getattr__(self, _name: str) -> Any:
        return _Hint()


class _Dataclasses:
    MISSING = MISSING
    Field = Field
    field = staticmethod(Field)
    fields = staticmethod(fields)
    dataclass = staticmethod(dataclass)
    replace = staticmethod(replace)


LIGHT: Dict[str, Any] = {"typing": _Typing(), "dataclasses": _Dataclasses()}


class Texts:
    """Finds and loads the modules that stand in the program as texts."""

    def __init__(self, texts: Mapping[str, str], cache: str) -> None:
        self.texts = texts
        self.packages = {name.rpartition(".")[0] for name in texts}
        self.cache = cache
        self.codes: Dict[str, Any] = {}
        builtins = sys.modules["builtins"].__dict__
        real = builtins["__import__"]

        def imported(name: str, *more: Any) -> Any:
            return LIGHT.get(name) or real(name, *more)

        self.builtins = dict(builtins, __import__=imported)

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """Return the spec of one of our modules, or of a package above them; None for another."""
        package = name in self.packages or (PACKAGE + ".").startswith(name + ".")
        if not package and name not in self.texts:
            return None
        spec: Any = type(sys.__spec__)  # importlib.machinery is another import
        return spec(name, self, is_package=package)

    def create_module(self, _spec: Any) -> None:
        """Let Python make the module."""

    def exec_module(self, module: Any) -> None:
        """Run its code."""
        name = module.__name__
        if name in self.texts:
            module.__dict__["__builtins__"] = self.builtins
            exec(self.codes.get(name) or compile(self.texts[name], name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102

    def read_cache(self) -> None:
        """Take the byte code from its file, where root alone could write it; make the file where root runs this and there is none."""
        if not self.cache:
            return
        try:
            with open(self.cache, "rb") as stream:
                status = os.fstat(stream.fileno())
                if status.st_uid == 0 and not status.st_mode & 0o022:
                    self.codes = marshal.loads(stream.read())  # noqa: S302  # root's own, see the line above
            return
        except (OSError, ValueError, EOFError, TypeError):
            pass
        if os.geteuid() == 0:
            self.codes = {name: compile(text, name, "exec", dont_inherit=True, optimize=2) for name, text in self.texts.items()}
            self._write_cache()

    def _write_cache(self) -> None:
        folder, partial = os.path.dirname(self.cache), "%s.%d" % (self.cache, os.getpid())
        try:
            os.makedirs(folder, 0o755, exist_ok=True)
            for name in os.listdir(folder):
                if name.startswith("health-"):
                    os.unlink(os.path.join(folder, name))
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            with open(handle, "wb") as stream:
                stream.write(marshal.dumps(self.codes))
            os.rename(partial, self.cache)
        except OSError:  # a read-only file system: it starts more slowly, that is all
            pass


def start(texts: Mapping[str, str], cache: str = "", program: str = "health_program") -> NoReturn:
    """Run the program that stands in `texts`, by the names of its modules without PACKAGE, and end the process.

    cache: the file for its byte code, none where it is empty. program: the module whose `main` it is.
    """
    finder = Texts({"%s.%s" % (PACKAGE, name): text for name, text in texts.items()}, cache)
    finder.read_cache()
    path: Any = sys.meta_path
    path.insert(0, finder)

    def module(name: str) -> Any:
        __import__(PACKAGE + "." + name)
        return sys.modules[PACKAGE + "." + name]

    def load(name: str) -> Any:
        made = module("checks." + name)
        return module("health").CheckType(name, made.Options, made.observe, getattr(made, "problem", None))

    types = [name[len("checks.") :] for name in texts if name.startswith("checks.")]
    code = module(program).main(sys.argv[1:], types, load)
    sys.stdout.flush()
    os._exit(code)  # whatever hangs in a thread is left behind
