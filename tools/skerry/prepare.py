"""The work of configuring: run the contract generator, render each core's table, write the ninja file."""

import json
from pathlib import Path

from skerry import abi, graph, interfaces, ninja
from skerry.abi import Contract, ContractError
from skerry.configure import BuildConfig, Configured
from skerry.errors import UserError
from skerry.graph import Setup
from skerry.images.specs import CoreImage, CoresSpec, DataFile, PackSpec, Program, ProgramsSpec, to_json
from skerry.interfaces import Interface
from skerry.picolibc import picolibc
from skerry.plan import machine_plan
from skerry.render import environment, write_if_changed
from skerry.sources import find_sources
from skerry.toolchain import toolchain
from skerry.workspace import Workspace

IMAGE_MAX = 1 << 20
TEXT_MAX_RELEASE = 64 << 10
LOADER_LOW = 1 << 20
LOADER_HIGH = 2 << 20


def prepare(config: BuildConfig, workspace: Workspace) -> tuple[Configured, list[str]]:
    """Write all that ninja needs; the second result is what was written, relative to the root."""
    contract, services = _contract(workspace)
    abi.generate(contract, workspace.generated)
    interfaces.generate(services, workspace.generated)
    setup = _setup(config, workspace, contract, interfaces.service_sources(services))
    files = _render(setup, contract) | _specs(setup, contract)
    ninja_file = setup.numbered("build", "ninja")
    edges = graph.edges(setup)
    files[ninja_file] = ninja.render(graph.variables(setup), graph.rules(setup), edges)
    for path, text in files.items():
        write_if_changed(workspace.root / path, text)
    write_if_changed(workspace.build / "compile_commands.json", _compile_commands(setup, edges))
    generated = [workspace.relative(p) for p in workspace.generated.rglob("*") if p.is_file()]
    return Configured(ninja_file, setup.folder, setup.shared), [*files, *generated]


def _contract(workspace: Workspace) -> tuple[Contract, tuple[Interface, ...]]:
    """What CPU driver and domains agree on, and what domains do among themselves."""
    try:
        contract = abi.load(workspace.contract)
        return contract, interfaces.load(workspace.interfaces, contract)
    except ContractError as error:
        raise UserError(str(error)) from None


def _setup(config: BuildConfig, workspace: Workspace, contract: Contract, services: tuple[str, ...]) -> Setup:
    machine = machine_plan(workspace.machines, config.machine)
    log_port_base = contract.constant("PORT_LOG_BASE")
    sources = find_sources(workspace)
    return Setup(
        workspace=workspace,
        machine=config.machine,
        profile=config.profile,
        toolchain=toolchain(config.toolchain, workspace),
        plans=tuple(machine.core(core, log_port_base) for core in range(config.cores)),
        spares=tuple(plan for core in range(config.cores) for plan in machine.spares(core, log_port_base)),
        sources=sources,
        generated=tuple(f"{graph.GENERATED}/{path}" for path in services),
        picolibc=picolibc(workspace) if any(domain.c_library for domain in sources.domains) else None,
    )


def _render(setup: Setup, contract: Contract) -> dict[str, str]:
    """The link script of a machine's images, and one table a core."""
    templates = environment(setup.workspace.templates)
    table = templates.get_template("core.c.j2")
    files = {setup.core_source(plan): table.render(plan=plan) for plan in setup.images}
    files[setup.core_script] = templates.get_template("core.ld.j2").render(
        window=hex(contract.constant("KERNEL_WINDOW")),
        page_size=hex(contract.constant("PAGE_SIZE")),
        image_max=hex(IMAGE_MAX),
    )
    return files


def _pack_spec(setup: Setup, contract: Contract, cores: CoresSpec, users: ProgramsSpec) -> PackSpec:
    """What goes into the archive."""
    return PackSpec(
        archive=setup.numbered("boot", "cpio"),
        manifest=setup.numbered("manifest", "json"),
        machine=setup.machine,
        profile=setup.profile,
        toolchain=setup.toolchain.name,
        toolchain_version=setup.toolchain.version,
        contract=f"{contract.hash:016x}",
        page_size=cores.page_size,
        loader=setup.loader,
        cores_checked=cores.output,
        programs_checked=users.output,
        images=cores.images,
        programs=users.programs,
        files=tuple(DataFile(f"etc/{Path(file).name}", file) for file in setup.sources.data),
    )


def _specs(setup: Setup, contract: Contract) -> dict[str, str]:
    """What the steps after linking are told."""
    page_size = contract.constant("PAGE_SIZE")
    images = tuple(
        CoreImage(f"core/{plan.stem}", setup.core_image(plan), None if plan.spare else plan.core, plan.class_name)
        for plan in setup.images
    )
    programs = tuple(Program(f"bin/{d.name}", setup.program(d.name)) for d in setup.sources.domains)
    cores = CoresSpec(
        output=setup.numbered("cores", "checked.json"),
        window=contract.constant("KERNEL_WINDOW"),
        image_max=IMAGE_MAX,
        text_max=TEXT_MAX_RELEASE if setup.profile == "release" else 0,
        page_size=page_size,
        loader=setup.loader,
        loader_low=LOADER_LOW,
        loader_high=LOADER_HIGH,
        images=images,
    )
    checked = f"{setup.shared}/programs.checked.json"
    users = ProgramsSpec(
        output=checked,
        low=contract.constant("USER_STATIC_BASE"),
        high=contract.constant("USER_DYNAMIC_BASE"),
        page_size=page_size,
        programs=programs,
    )
    pack = _pack_spec(setup, contract, cores, users)
    return {
        setup.numbered("cores", "json"): to_json(cores),
        setup.programs_spec: to_json(users),
        setup.numbered("pack", "json"): to_json(pack),
    }


def _compile_commands(setup: Setup, edges: list[ninja.Edge]) -> str:
    """For editors: how each source is compiled (of the cores' tables only the first)."""
    rows = []
    kinds = graph.compile_flags(setup)
    for edge in edges:
        kind = edge.rule.removeprefix("cc_")
        source = edge.inputs[0] if edge.inputs else ""
        if kind == edge.rule or (source.startswith(setup.folder) and source != setup.core_source(setup.plans[0])):
            continue
        argv = [*setup.toolchain.compiler, *kinds[kind], "-c", source, "-o", edge.outputs[0]]
        rows.append({"directory": str(setup.workspace.root), "file": source, "arguments": argv})
    return json.dumps(rows, indent=1) + "\n"
