//! The simulated city exchange of the virtual board: asked to dial in.

use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

/// What the simulated caller does when it is answered.
pub(crate) struct TestCall<'a> {
    /// Whom it calls.
    pub(crate) called: &'a str,
    /// The prompt that it waits to hear, as a file, if the flow has one.
    pub(crate) greeting: Option<PathBuf>,
}

/// Asks the exchange at `socket` to place a call.
pub(crate) async fn place(socket: &Path, call: &TestCall<'_>) -> std::io::Result<()> {
    let mut script = vec![json!({"wait": "answer", "ms": 10_000})];
    if let Some(greeting) = &call.greeting {
        script.push(json!({"hear": greeting, "ms": 10_000}));
    }
    script.extend([
        json!({"digits": "1"}),
        json!({"talk": {"send": 1, "expect": 2, "ms": 15_000}}),
        json!({"hangup": 16}),
    ]);
    let command = json!({
        "cmd": "call",
        "id": "console",
        "called": call.called,
        "calling": "01088886666",
        "script": script,
    });
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    stream.flush().await
}
