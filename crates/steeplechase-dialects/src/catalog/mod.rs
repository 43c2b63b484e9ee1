//! Providers as data.
//!
//! ```text
//!  "groq/llama-3.1-8b" ──► split ──► "groq"  ──► Provider: base URL, key variables, dialect, auth,
//!                               │                          and its Profile: what is peculiar to it
//!                               └──► "llama-3.1-8b", the provider's own name for the model
//! ```
//!
//! A provider that speaks a dialect we know is a few lines in `providers/` and no code. The table is read
//! once, when it is first asked for. Users lay rows of their own over it, field by field, or add some.
//! What models cost and can do is in [`models`].
//!
//! | File             | Who is in it                                                              |
//! |------------------|---------------------------------------------------------------------------|
//! | `makers.toml`    | who makes models, and serves their own                                     |
//! | `hosts_….toml`   | who serves the models of others                                            |
//! | `routers.toml`   | who passes calls on to others                                              |
//! | `platforms.toml` | whose URL is a part of an account                                          |
//! | `servers.toml`   | what people run for themselves                                             |
//!
//! # The fields of a row
//!
//! | Field          | Means                                                    | If absent              |
//! |----------------|----------------------------------------------------------|------------------------|
//! | `name`         | its name for people                                      | the row's              |
//! | `aliases`      | other names before the `/` of a model                    | none                   |
//! | `docs`         | the URL of its documentation                             | not known              |
//! | `dialect`      | `openai`, `anthropic`, `bedrock`                         | `openai`               |
//! | `base_url`     | what the paths are appended to; may hold variables       | every user's own       |
//! | `base_url_env` | variables that hold a base URL, the first that is set    | none                   |
//! | `key_env`      | variables that hold a key, the first that is set         | none                   |
//! | `key_optional` | whether it can do without a key                          | `false`                |
//! | `auth`         | how it is shown the key, see [`AuthStyle`]                | `bearer`               |
//! | `headers`      | headers of each request; may hold variables, and `{key}` | none                   |
//! | `endpoints`    | `chat`, `embeddings`, …: a path, `true` or `false`       | where the dialect has them |
//! | `model_names`  | see [`ModelNames`]: `same`, `prefix TEXT`, `host last`, `dotted TEXT` | `same` |
//! | `renames`      | parameters that have another name there                  | none                   |
//! | `drops`        | parameters that it refuses: an error, or `drop_params`   | none                   |
//! | `ignored`      | parameters that it refuses, and that make no difference  | none                   |
//! | `limits`       | which values of a parameter it takes, see below          | all                    |
//! | `values`       | values of a parameter that are called something else     | none                   |
//! | `messages`     | what becomes of messages, see below                      | they stay              |
//! | `models`       | the last six for the models that `match`                 | none                   |
//! | `embedding_params` | the same, for embeddings                             | none                   |
//! | `reasoning`    | the field of a message with the model's thoughts         | not known              |
//! | `stream_usage` | `asked`, `always`, `x_groq` or `never`                   | `asked`                |
//! | `stops_at_cancel` | whether it stops, and bills no more, when a stream is given up; OpenRouter's documentation lists who does | `false` |
//!
//! | Of a limit     | Means                                                                        |
//! |----------------|------------------------------------------------------------------------------|
//! | `min`, `max`   | the least and the greatest number                                            |
//! | `min_for_many` | the least number in a call with an `n` of more than one                      |
//! | `max_items`    | the most items of a list                                                     |
//! | `only`         | the only texts; the first is the nearest to all others                       |
//! | `clamp`        | whether what is not taken becomes the nearest that is, without `drop_params`  |
//!
//! | Of messages    | Means                                                                        |
//! |----------------|------------------------------------------------------------------------------|
//! | `texts`        | `all`: a content that is a list of texts becomes one text; `results`: in those of tools |
//! | `call_ids`     | `nine`: names of calls become nine letters and digits                        |
//! | `thoughts`     | who calls a tool gets a blank `reasoning_content`, if there is none          |
//!
//! Variables are of the environment, in braces: `{ACCOUNT}`, `{REGION|AWS_REGION:us-east-1}`.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Dialect;
//! use steeplechase_dialects::catalog::{self, Catalog};
//!
//! let (provider, model) = catalog::resolve("groq/llama-3.1-8b").unwrap();
//! assert_eq!((provider.id(), model), ("groq", "llama-3.1-8b"));
//! assert_eq!(provider.dialect(), Dialect::OpenAi);
//! assert_eq!(provider.key_variables(), ["GROQ_API_KEY"]);
//!
//! // A name without a provider goes by the families that everybody knows.
//! let (provider, model) = catalog::resolve("claude-sonnet-4-5").unwrap();
//! assert_eq!((provider.id(), model), ("anthropic", "claude-sonnet-4-5"));
//!
//! // A table of one's own.
//! let mut mine = Catalog::built_in().clone();
//! mine.read(r#"
//!     [house]
//!     base_url = "https://llm.example.com/v1"
//!     key_env = ["HOUSE_KEY"]
//!     renames = { max_completion_tokens = "max_tokens" }
//! "#)?;
//! assert_eq!(mine.resolve("house/small").unwrap().1, "small");
//! # Ok::<(), String>(())
//! ```
//!
//! [`ModelNames`]: steeplechase_core::deployment::ModelNames

mod connect;
pub mod models;
mod profile;
mod provider;
mod row;
mod style;
mod table;
mod template;

#[cfg(test)]
mod tests;

pub use self::connect::{UrlError, base_url};
pub use self::provider::Provider;
pub use self::row::Row;
pub use self::style::AuthStyle;
pub use self::table::{Catalog, all, get, resolve};
