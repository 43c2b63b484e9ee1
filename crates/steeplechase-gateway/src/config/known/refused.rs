//! What this program will not act on, and why.
//!
//! The reason is what an operator is told, with what to write instead. It never keeps the gateway from starting: a
//! configuration that says these things to LiteLLM is served all the same.

/// A key that this program will not act on.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Refused {
    pub(in crate::config) key: &'static str,
    /// Why not, in a few words.
    pub(in crate::config) why: &'static str,
    /// What does instead.
    pub(in crate::config) instead: &'static str,
}

/// In `router_settings`.
pub(super) const ROUTER: &[Refused] = &[
    Refused {
        key: "assistants_config",
        why: "OpenAI has ended its API of assistants, so there are none to route",
        instead: "call `/v1/responses`",
    },
    Refused {
        key: "client_ttl",
        why: "no HTTP client is made for a deployment, so none gets old: there is one pool of connections",
        instead: "leave it out",
    },
    Refused {
        key: "max_retries",
        why: "the HTTP client never tries again by itself",
        instead: "write `num_retries`",
    },
    Refused {
        key: "plugins",
        why: "they are classes of Python",
        instead: "choose a `routing_strategy`, or write a layer of your own in Rust",
    },
    Refused {
        key: "router_general_settings",
        why: "it is about clients of Python, and about models that nobody has configured",
        instead: "add an entry with `model_name: \"*\"` for all other models of a provider",
    },
];

/// In `routing_strategy_args`.
pub(super) const ROUTING_ARGS: &[Refused] = &[
    Refused {
        key: "max_latency_list_size",
        why: "latencies are kept as a moving average, and not as a list",
        instead: "write `ttl` to say how long one is known",
    },
    Refused {
        key: "rpm",
        why: "limits are those of a deployment",
        instead: "write `rpm` in its `litellm_params`",
    },
    Refused {
        key: "tpm",
        why: "limits are those of a deployment",
        instead: "write `tpm` in its `litellm_params`",
    },
    Refused {
        key: "ttft_percentile",
        why: "latencies are kept as a moving average, which has no percentiles",
        instead: "use `slo-cheapest` with `first_token` to keep within a time",
    },
];

/// In `litellm_params`.
pub(super) const PARAMS: &[Refused] = &[
    Refused {
        key: "allowed_model_region",
        why: "it is for a call to say where it may go",
        instead: "write `region_name` to say where the deployment is",
    },
    Refused {
        key: "configurable_clientside_auth_params",
        why: "a caller cannot send a call to a host, or with a key, that nobody has configured",
        instead: "make each host and key a deployment of its own",
    },
    Refused {
        key: "kubernetes_pod_discovery",
        why: "nobody asks Kubernetes for pods",
        instead: "name a Service in `api_base`, or make each pod a deployment",
    },
    Refused {
        key: "silent_model",
        why: "no call is sent of which nobody gets the answer",
        instead: "send a copy from the caller, where it is known whether its content may go there",
    },
];

/// In `general_settings`.
pub(super) const GENERAL: &[Refused] = &[Refused {
    key: "allow_client_side_credentials",
    why: "a caller cannot send a call to a host, or with a key, that nobody has configured",
    instead: "make each host and key a deployment of its own",
}];
