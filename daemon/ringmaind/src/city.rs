//! The simulated city exchange of the virtual board: asked to dial in.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// What the simulated caller does when it is answered.
pub(crate) struct TestCall<'a> {
    /// Whom it calls.
    pub(crate) called: &'a str,
    /// The prompt that it waits to hear, as a file, if the flow has one.
    pub(crate) greeting: Option<PathBuf>,
}

/// How long the exchange has to dial.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

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
    let answer = tokio::time::timeout(PATIENCE, begun(BufReader::new(stream))).await;
    answer.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()))
}

/// Waits until the exchange has sent its SETUP, or says why not.
async fn begun(reading: BufReader<UnixStream>) -> std::io::Result<()> {
    let mut lines = reading.lines();
    while let Some(line) = lines.next_line().await? {
        let event: Value = serde_json::from_str(&line)?;
        match event["event"].as_str() {
            Some("setup_sent") if event["call"] == "console" => return Ok(()),
            Some("call_failed" | "refused") => return Err(std::io::Error::other(line)),
            _ => {}
        }
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}
