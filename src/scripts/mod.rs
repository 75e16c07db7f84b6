//! The scripts that run in containers, as files of this directory. Each is a name and a text.

/// A script: its name in the container, and its text.
pub(crate) type Script = (&'static str, &'static str);

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $file:literal as $shown:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Script = ($shown, include_str!($file));)*
    };
}

scripts! {
    /// Adds the image's user.
    ADD_USER = "add-user.sh" as "add-user";
    /// Puts Poetry into the image for development.
    ADD_POETRY = "add-poetry.sh" as "add-poetry";
    /// Finds files that several packages install.
    CHECK_OVERLAPS = "check_overlaps.py" as "check_overlaps.py";
    /// Checks the Pythons of base images.
    CHECK_PYTHON = "check_python.py" as "check_python.py";
    /// Measures the image.
    CHECK_SIZE = "check_size.py" as "check_size.py";
    /// Compiles modules to bytecode.
    COMPILE_BYTECODE = "compile_bytecode.py" as "compile_bytecode.py";
    /// Compiles the schemas of poetry-core.
    COMPILE_SCHEMAS = "compile_schemas.py" as "compile_schemas.py";
    /// Compiles a copied project.
    PREPARE_SOURCE = "prepare-source.sh" as "prepare-source";
    /// Creates an empty environment.
    CREATE_ENVIRONMENT = "create-environment.sh" as "create-environment";
    /// Runs a command, and reports why it failed.
    EXPLAIN_FAILURE = "explain-failure.sh" as "explain-failure";
    /// Asks an index where it has wheels.
    FIND_WHEELS = "find_wheels.py" as "find_wheels.py";
    /// Gives copied files to the image's user.
    GIVE_FILES = "give-files.sh" as "give-files";
    /// Follows links in the file system of an image, for other scripts.
    IN_ROOT = "in-root.sh" as "in-root.sh";
    /// Installs the locked dependencies.
    INSTALL_DEPENDENCIES = "install-dependencies.sh" as "install-dependencies";
    /// Installs the project, editable.
    INSTALL_EDITABLE = "install-editable.sh" as "install-editable";
    /// Installs system packages.
    INSTALL_PACKAGES = "install-packages.sh" as "install-packages";
    /// Installs wheels that the engine has downloaded.
    INSTALL_FETCHED = "install_fetched.py" as "install_fetched.py";
    /// Installs Poetry.
    INSTALL_POETRY = "install-poetry.sh" as "install-poetry";
    /// Builds a wheel and installs it into a directory of its own.
    INSTALL_PROJECT = "install-project.sh" as "install-project";
    /// The part of it that is in Python.
    INSTALL_PROJECT_PY = "install_project.py" as "install_project.py";
    /// Installs uv or poetry-core.
    INSTALL_UV = "install-uv.sh" as "install-uv";
    /// Installs locked wheels with uv.
    INSTALL_WHEELS = "install-wheels.sh" as "install-wheels";
    /// Reads what the installed packages say about their licences.
    READ_LICENSES = "read_licenses.py" as "read_licenses.py";
    /// Runs Poetry with index pages reduced to the locked files, and with checks.
    RUN_POETRY = "run_poetry.py" as "run_poetry.py";
    /// Runs a command on a read-only root, and reports what it cannot write.
    RUN_READ_ONLY = "run_read_only.py" as "run_read_only.py";
    /// Runs uv, and checks the wheels that it installs.
    RUN_UV = "run_uv.py" as "run_uv.py";
    /// Runs Python, or says that there is none.
    RUN_PYTHON = "run-python.sh" as "run-python";
    /// Runs a hook's script in the strictest shell there is.
    RUN_HOOK = "run-hook.sh" as "run-hook";
    /// Runs a command that trusts more CA certificates than its image.
    TRUST_CERTIFICATES = "trust-certificates.sh" as "trust-certificates";
    /// Copies the project's files out of the stage in which hooks changed them.
    TAKE_SOURCE = "take-source.sh" as "take-source";
    /// Runs a hook that sees its inputs.
    WITH_INPUTS = "with_inputs.py" as "with_inputs.py";
    /// Runs uv for wheels of another platform.
    UV_FOR_PLATFORM = "uv-for-platform.sh" as "uv-for-platform";
    /// Sets the modes of copied files and directories.
    SET_MODES = "set-modes.sh" as "set-modes";
}

/// The pinned releases of what installs and builds wheels, as requirements for pip. `harness/pin-tools` renews the hashes.
pub(crate) mod pins {
    pub(crate) const UV: &str = include_str!("pins/uv.txt");
    /// poetry-core 2, from Python 3.10 on.
    pub(crate) const CORE_2: &str = include_str!("pins/core-2.txt");
    /// poetry-core 2 for Python 3.9.
    pub(crate) const CORE_2_PYTHON_3_9: &str = include_str!("pins/core-2-python-3.9.txt");
    /// poetry-core 1.
    pub(crate) const CORE_1: &str = include_str!("pins/core-1.txt");

    /// The release of a package in a list.
    pub(crate) fn release<'a>(pins: &'a str, package: &str) -> &'a str {
        let found = pins.lines().find_map(|line| {
            let (name, rest) = line.split_once("==")?;
            (name == package).then(|| rest.split(' ').next().unwrap_or_default())
        });
        found.unwrap_or_default()
    }
}
