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
    /// Checks the Pythons of base images.
    CHECK_PYTHON = "check_python.py" as "check_python.py";
    /// Measures the image.
    CHECK_SIZE = "check_size.py" as "check_size.py";
    /// Byte-compiles what the command that it runs installs.
    COMPILE_BYTECODE = "compile_bytecode.py" as "compile_bytecode.py";
    /// Creates an empty environment.
    CREATE_ENVIRONMENT = "create-environment.sh" as "create-environment";
    /// Runs a command, and reports why it failed.
    EXPLAIN_FAILURE = "explain-failure.sh" as "explain-failure";
    /// Gives copied files to the image's user.
    GIVE_FILES = "give-files.sh" as "give-files";
    /// Installs the locked dependencies.
    INSTALL_DEPENDENCIES = "install-dependencies.sh" as "install-dependencies";
    /// Installs the project, editable.
    INSTALL_EDITABLE = "install-editable.sh" as "install-editable";
    /// Installs system packages.
    INSTALL_PACKAGES = "install-packages.sh" as "install-packages";
    /// Installs Poetry.
    INSTALL_POETRY = "install-poetry.sh" as "install-poetry";
    /// Builds a wheel and installs it into a directory of its own.
    INSTALL_PROJECT = "install_project.py" as "install_project.py";
    /// Runs Poetry with index pages reduced to the locked files.
    LOCKED_FILES = "locked_files.py" as "locked_files.py";
    /// Runs Python, or says that there is none.
    RUN_PYTHON = "run-python.sh" as "run-python";
    /// Runs a hook's script in the strictest shell there is.
    RUN_HOOK = "run-hook.sh" as "run-hook";
    /// Sets the modes of copied files and directories.
    SET_MODES = "set-modes.sh" as "set-modes";
}
