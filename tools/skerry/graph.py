"""The build as a graph: which edges turn the sources into images, programs, an archive and a manifest.

Objects and programs belong to a variant (profile and toolchain) and are shared by all machines; what names a core lies
in the folder of its machine. Every path is relative to the root, where ninja runs.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from skerry import ninja
from skerry.ninja import Edge, Rule
from skerry.picolibc import Picolibc
from skerry.plan import CorePlan
from skerry.sources import Domain, Sources
from skerry.toolchain import EVERYTHING, KINDS, LINK, Toolchain
from skerry.workspace import PACKAGE, Workspace

GENERATED = "build/gen"
LOADER_SCRIPT = "kernel/boot/loader.ld"
PROGRAM_SCRIPT = "userland/lib/program.ld"


@dataclass(frozen=True)
class Setup:
    """All that a graph depends on."""

    workspace: Workspace
    machine: str
    profile: str
    toolchain: Toolchain
    plans: tuple[CorePlan, ...]
    spares: tuple[CorePlan, ...]  # of further images
    sources: Sources
    generated: tuple[str, ...]  # what the interfaces generate for libskerry
    picolibc: Picolibc | None = None  # None: no program asks for the C library

    @property
    def suffix(self) -> str:
        """What tells this variant's folders from the default one's."""
        debug = "-debug" if self.profile == "debug" else ""
        return debug + (f"-{self.toolchain.name}" if self.toolchain.name != "zig" else "")

    @property
    def shared(self) -> str:
        """Folder of what all machines share."""
        return f"build/shared{self.suffix}"

    @property
    def folder(self) -> str:
        """Folder of this machine."""
        return f"build/{self.machine}{self.suffix}"

    @property
    def loader(self) -> str:
        return f"{self.folder}/loader.elf"

    @property
    def core_script(self) -> str:
        return f"{self.folder}/core.ld"

    @property
    def programs_spec(self) -> str:
        return f"{self.shared}/programs.json"

    @property
    def skerry(self) -> str:
        return f"{self.shared}/libskerry.a"

    @property
    def small(self) -> str:
        return f"{self.shared}/libsmall.a"

    @property
    def c_library(self) -> str:
        return f"{self.shared}/libc.a"

    @property
    def images(self) -> tuple[CorePlan, ...]:
        """The plans of all images, the cores' own first."""
        return self.plans + self.spares

    def core_source(self, plan: CorePlan) -> str:
        return f"{self.folder}/core-{plan.stem}/core.c"

    def core_image(self, plan: CorePlan) -> str:
        return f"{self.folder}/core-{plan.stem}.elf"

    def program(self, name: str) -> str:
        return f"{self.shared}/bin/{name}.elf"

    def numbered(self, stem: str, suffix: str) -> str:
        """A file of which there is one for each number of cores."""
        return f"{self.folder}/{stem}-{len(self.plans)}.{suffix}"


def rules(setup: Setup) -> list[Rule]:
    """One rule a kind of step."""
    compiler = ninja.shell(setup.toolchain.compiler)
    archiver = ninja.shell(setup.toolchain.archiver)
    linker = ninja.shell((*setup.toolchain.linker, *LINK, *setup.toolchain.link_flags(setup.profile)))
    joiner = ninja.shell(setup.toolchain.joiner(setup.profile))
    compile_rules = [
        Rule(
            f"cc_{kind}",
            f"{compiler} $cflags_{kind} -MMD -MF $out.d -c $in -o $out",
            "compile $out" if kind == "picolibc" else "compile $in",  # it lies in a wheel, wherever that is
            depfile=True,
        )
        for kind in compile_flags(setup)
    ]
    return [
        *compile_rules,
        Rule("ar", f"rm -f $out && {archiver} qcsD $out $in", "archive $out"),
        Rule("join", f"{joiner} -o $out $in", "join $out"),
        Rule("link", f"{linker} $options -T $script -o $out $in --start-group $libraries --end-group", "link $out"),
        Rule("images", f"{_step_command(setup)} $step $in", "$step for $out"),
    ]


def _step_command(setup: Setup) -> str:
    """How ninja starts the steps of this package, whichever way this process was started."""
    package = ninja.shell([setup.workspace.relative(PACKAGE.parent)])
    python = setup.workspace.relative(Path(sys.prefix) / "bin" / "python")
    return f"PYTHONPATH={package} {ninja.shell([python, '-m', 'skerry.images'])}"


def variables(setup: Setup) -> dict[str, str]:
    flags = {f"cflags_{kind}": ninja.shell(flags) for kind, flags in compile_flags(setup).items()}
    return {"builddir": setup.shared, **flags}


def compile_flags(setup: Setup) -> dict[str, tuple[str, ...]]:
    """How each kind of source is compiled."""
    flags = {kind: setup.toolchain.compile_flags(kind, setup.profile) for kind in KINDS}
    if setup.picolibc is not None:
        maps = setup.picolibc.name_map
        flags["c"] = (*setup.toolchain.c_program_flags(setup.profile, setup.picolibc.includes), *maps)
        flags["picolibc"] = (*EVERYTHING, *setup.picolibc.flags, *setup.toolchain.flags, *maps)
    return flags


def edges(setup: Setup) -> list[Edge]:
    """Every step, in the order in which a reader would follow them."""
    return [*_cpu(setup), *_loader(setup), *_programs(setup), *_images(setup)]


def object_path(setup: Setup, kind: str, source: str) -> str:
    tail = source.removeprefix(f"{GENERATED}/")
    return f"{setup.shared}/{kind}/{tail}.o"


def _compile(setup: Setup, kind: str, sources: Iterable[str]) -> list[Edge]:
    return [Edge(f"cc_{kind}", (object_path(setup, kind, source),), (source,)) for source in sources]


def _outputs(steps: Iterable[Edge]) -> tuple[str, ...]:
    return tuple(output for step in steps for output in step.outputs)


def _cpu(setup: Setup) -> Iterator[Edge]:
    """The common objects once, joined to one, and for each core its table and its link."""
    tables = (f"{GENERATED}/abi_names.c", f"{GENERATED}/abi_tables.c")
    common = _compile(setup, "cpu", (*setup.sources.cpu, *tables))
    joined = f"{setup.shared}/cpu.o"
    yield from common
    yield Edge("join", (joined,), _outputs(common))
    first = setup.core_image(setup.plans[0])
    for plan in setup.images:
        source, image = setup.core_source(plan), setup.core_image(plan)
        output = source.removesuffix(".c") + ".o"
        yield Edge("cc_core", (output,), (source,))
        yield Edge(
            "link",
            (image,),
            (output, joined),
            implicit=(setup.core_script,),
            after=(first,) if image != first else (),  # a link that fails says why once, not once a core
            # A function that was inlined into all its callers is not needed any more.
            variables={"script": setup.core_script, "options": "--gc-sections"},
        )
    yield Edge("phony", ("cpu",), tuple(setup.core_image(plan) for plan in setup.images))


def _loader(setup: Setup) -> Iterator[Edge]:
    objects = _compile(setup, "loader", (*setup.sources.loader, f"{GENERATED}/abi_names.c"))
    yield from objects
    yield Edge("link", (setup.loader,), _outputs(objects), (LOADER_SCRIPT,), variables={"script": LOADER_SCRIPT})
    yield Edge("phony", ("loader",), (setup.loader,))


def _programs(setup: Setup) -> Iterator[Edge]:
    """libskerry, what completes it for domains without and with the C library, and each domain."""
    skerry = (*setup.sources.library, f"{GENERATED}/abi_names.c", *setup.generated)
    yield from _library(setup.skerry, _compile(setup, "user", skerry))
    yield from _library(setup.small, _compile(setup, "user", setup.sources.small))
    if setup.picolibc is not None:
        own = _compile(setup, "c", setup.sources.c_library)
        yield from _library(setup.c_library, [*own, *_picolibc(setup, setup.picolibc)])
    for domain in setup.sources.domains:
        yield from _program(setup, domain)
    yield Edge("phony", ("programs",), tuple(setup.program(domain.name) for domain in setup.sources.domains))


def _library(path: str, objects: list[Edge]) -> Iterator[Edge]:
    yield from objects
    yield Edge("ar", (path,), _outputs(objects))


def _picolibc(setup: Setup, library: Picolibc) -> list[Edge]:
    folder = f"{setup.shared}/picolibc"
    return [Edge("cc_picolibc", (f"{folder}/{library.tail(source)}.o",), (source,)) for source in library.files]


def _program(setup: Setup, domain: Domain) -> Iterator[Edge]:
    kind = "c" if domain.c_library else domain.name if domain.name in KINDS else "user"
    libraries = (setup.c_library if domain.c_library else setup.small, setup.skerry)
    objects = _compile(setup, kind, domain.sources)
    yield from objects
    needs = {"script": PROGRAM_SCRIPT, "libraries": " ".join(libraries)}
    if domain.c_library and setup.picolibc is not None:
        needs["options"] = ninja.shell(setup.picolibc.link_options)
    yield Edge("link", (setup.program(domain.name),), _outputs(objects), (*libraries, PROGRAM_SCRIPT), variables=needs)


def _images(setup: Setup) -> Iterator[Edge]:
    """Check what was linked, then pack it."""
    tools = tuple(setup.workspace.relative(p) for p in sorted(PACKAGE.glob("images/*.py")))
    images = (setup.loader, *(setup.core_image(plan) for plan in setup.images))
    programs = tuple(setup.program(domain.name) for domain in setup.sources.domains)
    cores_spec, cores_checked = setup.numbered("cores", "json"), setup.numbered("cores", "checked.json")
    programs_checked = f"{setup.shared}/programs.checked.json"
    yield Edge("images", (cores_checked,), (cores_spec,), (*images, *tools), variables={"step": "check-cores"})
    yield Edge(
        "images", (programs_checked,), (setup.programs_spec,), (*programs, *tools), variables={"step": "check-programs"}
    )
    outputs = (setup.numbered("boot", "cpio"), setup.numbered("manifest", "json"))
    needs = (cores_checked, programs_checked, *setup.sources.data, *tools)
    yield Edge("images", outputs, (setup.numbered("pack", "json"),), needs, variables={"step": "pack"})
    yield Edge("phony", ("images",), outputs)
