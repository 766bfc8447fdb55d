"""Kernels that know nothing of whoever builds: no settings, start-up files, kernels or styles of theirs."""

from __future__ import annotations

import logging
import os

from sphinx.application import Sphinx

from bce.book.errors import explained

from .exchange import build_folder

# Each names a folder or a file of the builder's from which a kernel, Jupyter or Matplotlib would read.
_FORGOTTEN = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "MATPLOTLIBRC", "MPLBACKEND", "IPYTHON_PROFILE", "PYTHONSTARTUP")
_FIXED = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "JUPYTER_PREFER_ENV_PATH": "1"}


@explained
def isolate_kernels(app: Sphinx) -> None:
    """Give kernels a home of their own below the build's folder, and the same surroundings everywhere."""
    home = build_folder(app) / ".home"
    profile = home / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text('get_config().IPKernelApp.log_level = "CRITICAL"\n')
    for name in _FORGOTTEN:
        os.environ.pop(name, None)
    folders = {
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
        "JUPYTER_CONFIG_DIR": "jupyter",
        "JUPYTER_DATA_DIR": "jupyter",
    }
    for name, folder in folders.items():
        (home / folder).mkdir(exist_ok=True)
        os.environ[name] = str(home / folder)
    os.environ.update(_FIXED)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # a kernel that dies is told of as a cell that failed


def setup(app: Sphinx) -> None:
    """Isolate the kernels before the first one starts."""
    app.connect("builder-inited", isolate_kernels)
