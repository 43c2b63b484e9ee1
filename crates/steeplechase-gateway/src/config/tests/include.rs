use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::read::load;

/// Loads `config.yaml` of a set of files that exist only here.
fn load_files(files: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let find = |path: &Path| {
        let name = path.to_str().unwrap();
        let found = files.iter().find(|(file, _)| *file == name);
        found.map(|(_, text)| (*text).to_owned())
    };
    let read = |path: &Path| find(path).ok_or_else(|| "no such file".to_owned());
    let main = Path::new("etc/config.yaml");
    load(&find(main).unwrap(), main, &read, &env)
}

fn refusal(files: &[(&str, &str)]) -> String {
    load_files(files).unwrap_err().to_string()
}

const GPT: &str = "model_list: [{model_name: gpt, litellm_params: {model: openai/gpt}}]\n";
const CLAUDE: &str =
    "model_list: [{model_name: claude, litellm_params: {model: anthropic/claude}}]\n";

#[test]
fn lists_are_appended_and_each_model_knows_its_file() {
    let loaded = load_files(&[
        (
            "etc/config.yaml",
            &format!("include: [models/a.yaml]\n{GPT}"),
        ),
        (
            "etc/models/a.yaml",
            &format!("include: [b.yaml]\n{CLAUDE}general_settings: {{master_key: sk-1}}\n"),
        ),
        (
            "etc/models/b.yaml",
            "\nmodel_list:\n- {model_name: b, litellm_params: {model: openai/b}}\n",
        ),
    ])
    .unwrap();
    let models = &loaded.config.models;
    let models: Vec<_> = models
        .iter()
        .map(|model| (&*model.model_name, &*model.source, model.line))
        .collect();
    assert_eq!(
        models,
        [
            ("gpt", "etc/config.yaml", 2),
            ("claude", "etc/models/a.yaml", 2),
            ("b", "etc/models/b.yaml", 3),
        ],
    );
    assert_eq!(loaded.config.general.master_key, Some(Secret::new("sk-1")));
    assert_eq!(loaded.warnings, []);
}

#[test]
fn anything_but_a_list_is_replaced_with_a_warning() {
    let loaded = load_files(&[
        (
            "etc/config.yaml",
            &format!(
                "include: [more.yaml]\n{GPT}router_settings: {{num_retries: 1, timeout: 5}}\n"
            ),
        ),
        ("etc/more.yaml", "router_settings: {num_retries: 2}\n"),
    ])
    .unwrap();
    assert_eq!(loaded.config.router.num_retries, Some(2));
    assert_eq!(loaded.config.router.timeout, None);
    assert_eq!(
        loaded.warnings[0].to_string(),
        "etc/more.yaml:1: router_settings: this replaces the whole `router_settings` of \
         etc/config.yaml:3, as in LiteLLM; write `router_settings` in one file only",
    );
}

#[test]
fn diagnostics_name_the_included_file() {
    assert_eq!(
        refusal(&[
            ("etc/config.yaml", &format!("include: [more.yaml]\n{GPT}")),
            ("etc/more.yaml", "\n\nrouter_settings: {timeout: soon}\n"),
        ]),
        "etc/more.yaml:3: router_settings.timeout: expected a number of seconds, zero or more, \
         found \"soon\"; write for example `timeout: 600`",
    );
}

#[test]
fn a_file_that_includes_itself_is_an_error() {
    assert_eq!(
        refusal(&[
            ("etc/config.yaml", "include:\n- a.yaml\n"),
            ("etc/a.yaml", "include:\n- ./x/../config.yaml\n"),
        ]),
        "etc/a.yaml:2: include[0]: `etc/./x/../config.yaml` includes itself by this; \
         remove this item",
    );
}

#[test]
fn includes_are_bounded() {
    let names: Vec<(String, String)> = (0..20)
        .map(|n| {
            (
                format!("etc/{n}.yaml"),
                format!("include: [{}.yaml]\n", n + 1),
            )
        })
        .chain([(
            "etc/config.yaml".to_owned(),
            "include: [0.yaml]\n".to_owned(),
        )])
        .collect();
    let files: Vec<_> = names
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    assert_eq!(
        refusal(&files),
        "etc/8.yaml:1: include[0]: a configuration can have at most 100 files, including each \
         other at most 10 deep; merge some of them",
    );
}

#[test]
fn includes_of_the_wrong_shape_are_errors() {
    assert_eq!(
        refusal(&[("etc/config.yaml", "include: a.yaml\n")]),
        "etc/config.yaml:1: include: expected a list, found \"a.yaml\"; \
         write for example `include: [models.yaml]`",
    );
    assert_eq!(
        refusal(&[("etc/config.yaml", "include: [a.yaml, 5]\n")]),
        "etc/config.yaml:1: include[0]: cannot read `etc/a.yaml`: no such file; \
         paths are relative to the file they are written in\n\
         etc/config.yaml:1: include[1]: expected a text, found 5; \
         write for example `- \"models.yaml\"`",
    );
    assert_eq!(
        refusal(&[
            ("etc/config.yaml", "include: [a.yaml]\n"),
            ("etc/a.yaml", "just text\n")
        ]),
        "etc/a.yaml:1: expected a map; write `key: value` lines, as in the main file",
    );
}

#[test]
fn a_text_without_a_file_cannot_include() {
    assert_eq!(
        errors("include: [a.yaml]\n"),
        [
            "config.yaml:1: include[0]: cannot read `a.yaml`: only a configuration in a file can \
             include others; paths are relative to the file they are written in"
        ],
    );
}

/// A folder that is removed when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("steeplechase-config-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, contents: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, contents).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn files_are_read_from_the_disk() {
    let folder = Folder::new("read");
    folder.write("models.yaml", CLAUDE.as_bytes());
    let main = folder.write(
        "config.yaml",
        format!("include: [models.yaml]\n{GPT}").as_bytes(),
    );
    let loaded = Config::read(&main, env).unwrap();
    assert_eq!(loaded.config.models.len(), 2);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_names_it() {
    let folder = Folder::new("unreadable");
    let said = |path: &Path| {
        let refused = Config::read(path, env).unwrap_err().to_string();
        refused.replace(&folder.0.display().to_string(), "etc")
    };
    assert_eq!(
        said(&folder.0.join("config.yaml")),
        "etc/config.yaml: cannot read the configuration: No such file or directory (os error 2)",
    );
    assert_eq!(
        said(&folder.write("latin1.yaml", b"a: \xe9\n")),
        "etc/latin1.yaml: cannot read the configuration: it is not UTF-8 text",
    );
    assert_eq!(
        said(&folder.write("huge.yaml", &vec![b'#'; 9 * 1024 * 1024])),
        "etc/huge.yaml: cannot read the configuration: it is larger than 8 MiB",
    );
}
