//! Networks that intercept TLS: everything that is downloaded has a certificate of an authority that no image knows.

use testkit::Package;

use crate::support::{
    AptArchive, Build, GitServer, Image, Index, Interceptor, Project, Published, default_index,
    mirror, nonce,
};

/// What every build file of these tests begins with.
const COMPANY: &str = "\
[args]
PYPI_MIRROR = { default = \"\" }
[poetry]
mirror = \"${PYPI_MIRROR}\"
ca-bundle = \"secret:company\"
";
const TOKEN: &str = "a-token-of-ninety-days";
const UNTRUSTED: &str = " failed: the certificate of a server is not trusted\n  hint: ";

/// A package of an index that only the interceptor serves over TLS.
fn over_tls(mut published: Published) -> Published {
    published.index = published.index.replace("http:", "https:");
    published
}

fn wheel(index: &Index) -> Published {
    over_tls(index.publish("words", "1.0", "GREETING = 'hello'\n"))
}

fn sdist(index: &Index) -> Published {
    let payload = "def module():\n    return \"NAME = 'world'\\n\"\n";
    over_tls(index.publish_sdist("names", "1.0", &[("payload.py", payload)]))
}

/// A table of `[apt-sources]` that only the interceptor serves over TLS.
fn apt_source(archive: &AptArchive) -> String {
    format!(
        "[apt-sources.own]\nuri = \"{}\"\nsuites = [\"./\"]\nkey = \"archive.asc\"\n",
        archive.uri().replace("http:", "https:")
    )
}

/// The last words of a build that fails because it does not trust a server.
#[track_caller]
fn assert_untrusted(command: Build<'_>, stage: &str) {
    let built = command.run();
    let hint = "add `--secret id=company,src=FILE` to the command: FILE must have the certificate of the authority that signed it, such as your company's";
    let message = built.error();
    assert!(
        message.ends_with(&format!("{UNTRUSTED}{hint}")),
        "{}",
        built.report()
    );
    assert!(message.contains(&format!("[{stage}")), "{message}");
}

#[test]
fn everything_downloads_through_an_interceptor_and_is_cached_without_it() {
    let network = Interceptor::start();
    let index = Index::start();
    let (words, names) = (wheel(&index), sdist(&index));
    let library = GitServer::start("SAYS = 'from git'\n", TOKEN);
    let archive = AptArchive::start("intercepted", "from apt");
    let project = Project::with(
        &Project::files("behind", &[&words, &names])
            .dependency(&format!("library @ git+{}", library.https()))
            .locked(Package::new("library", "1.0").git(&library.https(), &library.commit))
            // pip downloads it into an environment of its own.
            .build_system(["setuptools"], "setuptools.build_meta")
            .with_file(
                "src/behind/__init__.py",
                "import library, names, words\ndef main():\n    print(words.GREETING, names.NAME, library.SAYS, open('/usr/share/intercepted').read(), open('/app/page').read())\n",
            ),
    );
    // What is not intercepted is trusted as well.
    let hook = format!(
        "from urllib.request import ProxyHandler, build_opener, urlopen\n\
         direct = build_opener(ProxyHandler({{}})).open('{}/').status\n\
         page = urlopen('{}/words/').read()\n\
         open('/app/page', 'w').write(f'{{direct}} {{len(page) > 0}}')\n",
        mirror().unwrap_or_else(default_index).trim_end_matches('/'),
        words.index
    );
    project.write("archive.asc", &archive.key).bare_build_file(&format!(
        "{COMPANY}\
         [git.\"{}\"]\ntoken-secret = \"token\"\n\
         {}\
         [runtime]\npackages = [\"intercepted\"]\n\
         [[hook]]\nat = \"after-packages\"\nrun = [\"python3\", \"-c\", {hook:?}]\noutputs = [\"/app/page\"]\n",
        library.https_host(),
        apt_source(&archive),
    ));

    let command = project
        .build()
        .with("--no-cache")
        .with_secret("token", TOKEN)
        .with_secret("company", &network.authority);
    let (image, built) = network.around(command).run().parts();
    assert_eq!(
        image.answer(&[]),
        "hello world from git from apt 200 True",
        "{}",
        built.report()
    );
    for path in ["/words-1.0", "/names-1.0", "/library.git", "/InRelease"] {
        assert!(network.has_seen(true, path), "{path}");
    }
    for path in ["/uv-", "/poetry-", "/setuptools-"] {
        assert!(network.has_seen(false, path), "{path}");
    }
    let line = network.authority.lines().nth(1).unwrap();
    assert!(!image.holds(line), "the certificate is in the image");

    // On a laptop at home, nothing is missing.
    let command = project.build().with_secret("token", TOKEN);
    let (image, built) = command.run().parts();
    assert_eq!(built.ran(), [""; 0], "{}", built.report());
    assert_eq!(image.answer(&[]), "hello world from git from apt 200 True");

    // Its user installs the project, and can read the certificates.
    let command = project
        .build()
        .with("--target=dev")
        .with_secret("token", TOKEN)
        .with_secret("company", &network.authority);
    let image = network.around(command).image();
    assert_eq!(
        image.shell("behind"),
        "hello world from git from apt 200 True"
    );
}

#[test]
fn an_untrusted_certificate_is_an_error_that_says_what_to_pass() {
    let network = Interceptor::of_index();
    let index = Index::start();

    // uv
    let project = Project::package("untrusting", &[&wheel(&index)]);
    project.bare_build_file(COMPANY);
    assert_untrusted(network.around(project.build()), "deps ");
    // An empty secret is one that is not given.
    let build = project.build().with_secret("company", "\n");
    assert_untrusted(network.around(build), "deps ");

    // Poetry
    project.bare_build_file(&format!(
        "{COMPANY}[dependencies]\ninstaller = \"poetry\"\n"
    ));
    assert_untrusted(network.around(project.build()), "deps-poetry ");

    // pip
    project.bare_build_file(&COMPANY.replace("${PYPI_MIRROR}", &wheel(&index).index));
    assert_untrusted(network.around(project.build()), "uv ");

    // Git
    let library = GitServer::start("SAYS = 'from git'\n", TOKEN);
    let files = Project::files("cloning", &[])
        .dependency(&format!("library @ git+{}", library.https()))
        .locked(Package::new("library", "1.0").git(&library.https(), &library.commit));
    let project = Project::with(&files);
    project.bare_build_file(COMPANY);
    assert_untrusted(network.around(project.build()), "deps-poetry ");

    // apt
    let archive = AptArchive::start("refused", "");
    let project = Project::package("updating", &[]);
    project
        .write("archive.asc", &archive.key)
        .bare_build_file(&format!(
            "{COMPANY}{}[runtime]\npackages = [\"refused\"]\n",
            apt_source(&archive)
        ));
    assert_untrusted(network.around(project.build()), "runtime ");
}

#[test]
fn a_secret_without_a_certificate_is_an_error() {
    let project = Project::package("misled", &[]);
    project.bare_build_file(COMPANY);
    let secret = "not-a-certificate-but-a-password";
    let built = project
        .build()
        .with("--no-cache-filter=uv")
        .with_secret("company", secret)
        .run();
    let message = " failed: the CA bundle has no certificate\n  hint: the secret `company` must be in PEM format; `openssl x509 -inform der -in FILE` converts a file in DER format";
    assert!(built.error().ends_with(message), "{}", built.report());
    assert!(!built.report().contains(secret), "{}", built.report());
}

#[test]
fn a_bundle_of_the_builders_base_is_trusted_in_every_image() {
    let network = Interceptor::of_index();
    let archive = AptArchive::start("beside", "from apt");
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nCOPY <<'PEM' /company.pem\n{}PEM\n",
        network.authority
    ));
    let project = Project::package("based", &[]);
    project
        .write("archive.asc", &archive.key)
        .bare_build_file(&format!(
            "{}[python]\nversion = \"3.13\"\n{}[build]\nbase = \"{}\"\n\
             [runtime]\nbase = \"python:3.13-slim-trixie\"\npackages = [\"beside\"]\n",
            COMPANY.replace("secret:company", "/company.pem"),
            apt_source(&archive),
            base.tag()
        ));
    let image = network.around(project.build()).image();
    assert_eq!(image.shell("cat /usr/share/beside"), "from apt");
}

/// As BuildKit's proxy network does: it adds its authority to the certificates of the image while a step runs.
#[test]
fn an_authority_that_the_engine_adds_to_the_image_is_trusted() {
    let network = Interceptor::start();
    let base = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nCOPY <<'PEM' /tmp/engine.pem\n{}PEM\n\
         RUN cat /tmp/engine.pem >>/etc/ssl/certs/ca-certificates.crt && rm /tmp/engine.pem\n",
        network.authority
    ));
    let index = Index::start();
    let project = Project::package("injected", &[&wheel(&index), &sdist(&index)]);
    project
        .write(
            "src/injected/__init__.py",
            "import names, words\ndef main():\n    print(words.GREETING, names.NAME)\n",
        )
        .bare_build_file(&format!(
            "# {}\n{}[python]\nversion = \"3.13\"\n[runtime]\nbase = \"{}\"\n",
            nonce(),
            COMPANY.replace("ca-bundle = \"secret:company\"\n", ""),
            base.tag()
        ));
    let image = network.around(project.build()).image();
    assert_eq!(image.answer(&[]), "hello world");
    assert!(network.has_seen(false, "/poetry-"));
}
