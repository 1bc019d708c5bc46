# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have images in a container engine before anything is to run them, and take them away again."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import container_images, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.container_images import Image
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.release import Release
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import release as release_step

ARGUMENTS: Dict[str, Any] = {
    "images": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 600},
    # Filled by the action plugin: archives that the controller has, by name, once they are on the host.
    "transferred": {"type": "dict", "default": {}},
}
LOOK = 60  # seconds for what only looks


class Engine:
    """One container engine of this host."""

    def __init__(self, module: StepModule, name: str) -> None:
        self.name, self.module = name, module
        self.program = module.get_bin_path(name)

    def run(self, *words: str, seconds: float = LOOK) -> Tuple[int, str]:
        """Return exit status and everything that the engine says."""
        return processes.answer([self.program, *words], seconds) if self.program else (127, "this host has no %s" % self.name)

    def image(self, name: str) -> Dict[str, Any]:
        """Return what the engine knows of an image, nothing where it has none of this name."""
        if not self.program:
            return {}
        done = processes.run([self.program, "image", "inspect", name], capture_output=True, text=True, timeout=LOOK)
        return container_images.inspected(done.stdout) if done.returncode == 0 else {}

    def tags(self, repository: str) -> List[str]:
        """Return the names of the images of a repository, the newest first."""
        filters = ["images", "--filter", "reference=%s" % repository, "--format", "{{.Repository}}:{{.Tag}}"]
        code, said = self.run(*filters)
        return [line for line in said.splitlines() if line.startswith(repository + ":")] if code == 0 else []

    def forget(self, name: str) -> None:
        """Take a name of an image away, and the image with the last one that has no name of its own."""
        image = self.image(name)
        self.run("image", "rm", name)
        left = self.image(str(image.get("Id", ""))) if image else {}
        if left and not left.get("RepoTags"):
            self.run("image", "rm", str(left["Id"]))


def there(engine: Engine, image: Image) -> bool:
    """Tell whether the engine has the image under our name, and it is that one."""
    return image.digest in container_images.digests(engine.image(image.tag))


def bring(module: StepModule, engine: Engine, image: Image) -> None:
    """Pull or load an image and give it our name. Raises BadInput; then no name is left that was not there."""
    seconds = module.params["timeout"]
    if not image.url:
        code, said = engine.run("pull", "--quiet", image.reference, seconds=seconds)
        if code:
            remedy = "Nothing was changed; see that this host reaches the registry and may pull, or name an archive."
            raise BadInput("images[%r].image: %s could not be pulled: %s. %s" % (image.name, image.reference, last_line(said), remedy))
        _name(engine, image, image.reference)
        return
    release = Release(image.name, image.digest, image.url, image.sha256)
    path = module.params["transferred"].get(image.name) or release_step.fetch(
        "images[%r].archive.url" % image.name, image.url, module.tmpdir
    )
    release_step.verify(release, path)
    code, said = engine.run("load", "--input", path, seconds=seconds)
    if code:
        raise BadInput(
            "images[%r].archive: %s does not load it: %s. Make it with `%s save`." % (image.name, engine.name, last_line(said), engine.name)
        )
    names = container_images.loaded(said)
    found = {name: container_images.digests(engine.image(name)) for name in names}
    fitting = [name for name, digests in found.items() if image.digest in digests]
    if fitting:
        _name(engine, image, fitting[0])
    for name in names:
        engine.forget(name)
    if not fitting:
        has = ", ".join(sorted({digest for digests in found.values() for digest in digests})) or "no image"
        remedy = "Name one of these if you trust the archive; nothing runs it now."
        raise BadInput("images[%r].image is %s; the archive has %s. %s" % (image.name, image.reference, has, remedy))


def _name(engine: Engine, image: Image, source: str) -> None:
    code, said = engine.run("tag", source, image.tag)
    if code:
        raise BadInput("images[%r]: %s tag failed: %s" % (image.name, engine.name, last_line(said)))
    if not there(engine, image):
        engine.forget(image.tag)
        raise BadInput("images[%r].image: what came is not %s; nothing runs it." % (image.name, image.reference))


def last_line(text: str) -> str:
    """Return the last line of what a program said, where it says what went wrong."""
    return (text.strip().splitlines() or ["no message"])[-1]


def remove(module: StepModule, image: Image, do: bool) -> List[str]:
    """Take every image of a service away, of whatever engine the host has. Returns their names."""
    gone = []
    for name in container_images.ENGINES:
        engine = Engine(module, name)
        for tag in engine.tags(container_images.repository_of(image.name)) if engine.program else []:
            gone.append(tag)
            if do:
                module.about_to_change()
                engine.forget(tag)
    return gone


def present(module: StepModule, image: Image, result: Dict[str, Any]) -> bool:
    """Have an image. Returns whether it was there."""
    engine = Engine(module, image.engine)
    if not engine.program and not module.check_mode:
        raise BadInput("images[%r]: this host has no %s. Install it before this step." % (image.name, image.engine))
    here = there(engine, image)
    if not here:
        result["changed"] = True
        if image.url and not image.remote and image.name not in module.params["transferred"]:
            result["needed"].append(image.name)
        elif not module.check_mode:
            module.about_to_change()
            bring(module, engine, image)
            result["brought"].append(image.name)
    old = container_images.surplus(engine.tags(container_images.repository_of(image.name)), image.tag)
    if old and not module.check_mode and here:
        for tag in old:
            engine.forget(tag)
    result["removed"] += old if here else []
    result["changed"] = result["changed"] or bool(result["removed"])
    return here


def run(module: StepModule) -> None:
    """Observe, bring, remove."""
    result: Dict[str, Any] = {"changed": False, "brought": [], "removed": [], "needed": []}
    before = after = ""
    try:
        for image in container_images.wanted(module.params["images"], module.params["state"]):
            if image.state == "absent":
                gone = remove(module, image, not module.check_mode)
                result["removed"] += gone
                result["changed"] = result["changed"] or bool(gone)
                before += "".join("%s: %s\n" % (image.name, tag) for tag in gone)
            else:
                before += container_images.described(image, present(module, image, result))
                after += container_images.described(image, True)
    except BadInput as error:
        module.fail_json(msg=str(error), **result)
    module.exit_json(**result, diff={"before": before, "after": after})
