//! A tab of a browser. Loads pages, runs scripts in them, and returns their requests and errors.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{Browser, Kind, Setup};

/// Defines `window.T`, the helpers for scripts in a page.
const TOOLS: &str = include_str!("page.js");

const SCRIPT_START: &str = "const T = window.T, video = document.querySelector('video');";

/// If a command that runs a script has no answer after this time, it is sent again. Firefox never answers the first
/// command if the tab opens another page while the script waits. The second command runs the script in the new page.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// A tab with its own storage.
#[derive(Debug)]
pub(crate) struct Page<'b> {
    pub(crate) browser: &'b mut Browser,
    user: String,
    pub(super) context: String,
    preloads: Vec<String>,
    /// The number of calls of [`Page::eval`].
    scripts: u32,
}

impl<'b> Page<'b> {
    /// Opens an empty tab that shares no data with earlier tabs.
    pub(crate) fn open(browser: &'b mut Browser, setup: Setup) -> Result<Page<'b>, String> {
        browser.bidi.clear_events();
        if browser.kind == Kind::Firefox {
            browser.set_firefox(setup)?;
        }
        let user = browser
            .bidi
            .command("browser.createUserContext", json!({}))?;
        let user = text(&user["userContext"]);
        let context = browser.bidi.command(
            "browsingContext.create",
            json!({"type": "tab", "userContext": user}),
        )?;
        let mut page = Page {
            browser,
            user,
            context: text(&context["context"]),
            preloads: Vec::new(),
            scripts: 0,
        };
        page.set_up(setup)?;
        Ok(page)
    }

    fn set_up(&mut self, setup: Setup) -> Result<(), String> {
        self.preload(&format!("() => {{ {TOOLS} }}"))?;
        // BiDi has no event for a violation of the content security policy, so this script logs violations as errors.
        let watch = "() => addEventListener('securitypolicyviolation', (event) => \
                     console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))";
        self.preload(watch)?;
        if self.browser.kind == Kind::Chromium {
            match setup {
                Setup::NoScripts => self.cdp(
                    "Emulation.setScriptExecutionDisabled",
                    json!({"value": true}),
                )?,
                Setup::Dark => self.cdp(
                    "Emulation.setEmulatedMedia",
                    json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]}),
                )?,
                Setup::Plain | Setup::Gestures | Setup::Tv => Value::Null,
            };
        }
        Ok(())
    }

    /// Runs a function in each page that loads after this call, before the scripts of the page.
    pub(crate) fn preload(&mut self, function: &str) -> Result<(), String> {
        let answer = self.browser.bidi.command(
            "script.addPreloadScript",
            json!({"functionDeclaration": function, "contexts": [self.context]}),
        )?;
        self.preloads.push(text(&answer["script"]));
        Ok(())
    }

    /// Records the shown frames of each page that loads after this call, in the variable `frames_` (see `T.record`).
    pub(crate) fn record_from_the_start(&mut self) -> Result<(), String> {
        self.preload("() => addEventListener('DOMContentLoaded', () => T.record())")
    }

    /// Sends a command of Chromium's own protocol (CDP) for this tab.
    fn cdp(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let session = self
            .browser
            .bidi
            .command("goog:cdp.getSession", json!({"context": self.context}))?;
        self.browser.bidi.command(
            "goog:cdp.sendCommand",
            json!({"method": method, "params": params, "session": session["session"]}),
        )
    }

    pub(crate) fn goto(&mut self, url: &str) -> Result<(), String> {
        self.navigate(url, "complete")
    }

    /// Loads a URL. `wait` is `complete`, `interactive` or `none`. If a video does not load, `complete` waits forever.
    pub(crate) fn navigate(&mut self, url: &str, wait: &str) -> Result<(), String> {
        let params = json!({"context": self.context, "url": url, "wait": wait});
        self.browser
            .bidi
            .command("browsingContext.navigate", params)
            .map(drop)
    }

    pub(crate) fn reload(&mut self) -> Result<(), String> {
        let params = json!({"context": self.context, "wait": "complete"});
        self.browser
            .bidi
            .command("browsingContext.reload", params)
            .map(drop)
    }

    /// Runs `body` as an async function, and returns its result as JSON. `body` can use `T` and `video`. A page runs it
    /// only once, even if the command is sent again.
    pub(crate) fn eval(&mut self, body: &str) -> Result<Value, String> {
        self.scripts += 1;
        let number = self.scripts;
        let declaration = format!(
            "async () => {{ {SCRIPT_START} \
             return T.once({number}, async () => {{ const result = await (async () => {{ {body} }})(); \
             return JSON.stringify(result === undefined ? null : result); }}); }}"
        );
        self.call(&declaration, true)
    }

    fn call(&mut self, declaration: &str, awaits: bool) -> Result<Value, String> {
        let answer = self.browser.bidi.repeat(
            "script.callFunction",
            json!({
                "functionDeclaration": declaration,
                "awaitPromise": awaits,
                "target": {"context": self.context},
            }),
            ANSWER_TIMEOUT,
        )?;
        if answer["type"] == "exception" {
            return Err(format!(
                "in the page: {}",
                text(&answer["exceptionDetails"]["text"])
            ));
        }
        let json = answer["result"]["value"].as_str().unwrap_or("null");
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    /// Returns the value of an expression. Also works in a page whose scripts are disabled.
    pub(crate) fn look(&mut self, expression: &str) -> Result<Value, String> {
        self.call(&format!("() => JSON.stringify({expression})"), false)
    }

    /// Runs the source of a script, such as axe-core, and ignores its result.
    pub(crate) fn run_script(&mut self, source: &str) -> Result<(), String> {
        let answer = self.browser.bidi.command(
            "script.evaluate",
            json!({"expression": format!("{source}\n;0"), "awaitPromise": false,
                   "target": {"context": self.context}}),
        )?;
        if answer["type"] == "exception" {
            return Err(text(&answer["exceptionDetails"]["text"]));
        }
        Ok(())
    }

    /// Waits until an expression is true. The tab may load other pages during the wait.
    pub(crate) fn wait(&mut self, expression: &str, limit: Duration) -> Result<(), String> {
        let deadline = Instant::now() + limit;
        let mut pause = Duration::from_millis(30);
        let declaration =
            format!("() => {{ {SCRIPT_START} return JSON.stringify(!!({expression})); }}");
        loop {
            // While the tab loads another page, the call can fail. The loop then tries again.
            let seen = self.call(&declaration, false);
            if matches!(&seen, Ok(value) if *value == json!(true)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let seen = seen
                    .map(|_| String::new())
                    .unwrap_or_else(|error| format!(" ({error})"));
                return Err(format!("not within {limit:?}: {expression}{seen}"));
            }
            // The pause grows to 120 ms, because each call needs some milliseconds of processor time.
            thread::sleep(pause);
            pause = Duration::from_millis(120).min(pause * 5 / 4);
        }
    }

    pub(crate) fn viewport(&mut self, width: u32, height: u32) -> Result<(), String> {
        let params =
            json!({"context": self.context, "viewport": {"width": width, "height": height}});
        self.browser
            .bidi
            .command("browsingContext.setViewport", params)
            .map(drop)
    }

    /// Returns a screenshot of the viewport as PNG.
    pub(crate) fn screenshot(&mut self) -> Result<Vec<u8>, String> {
        let params = json!({"context": self.context});
        let answer = self
            .browser
            .bidi
            .command("browsingContext.captureScreenshot", params)?;
        data_encoding::BASE64
            .decode(text(&answer["data"]).as_bytes())
            .map_err(|e| e.to_string())
    }

    /// Returns the URL in the address bar. Also works in a page whose scripts are disabled.
    pub(crate) fn url(&mut self) -> Result<String, String> {
        let params = json!({"root": self.context, "maxDepth": 0});
        let tree = self
            .browser
            .bidi
            .command("browsingContext.getTree", params)?;
        Ok(text(&tree["contexts"][0]["url"]))
    }

    /// Returns the elements that match a selector. Also works in a page whose scripts are disabled.
    pub(crate) fn locate(&mut self, selector: &str) -> Result<Vec<Value>, String> {
        let params =
            json!({"context": self.context, "locator": {"type": "css", "value": selector}});
        let answer = self
            .browser
            .bidi
            .command("browsingContext.locateNodes", params)?;
        Ok(answer["nodes"].as_array().cloned().unwrap_or_default())
    }

    /// Blocks the requests of this tab for a path. [`unblock_requests`](Page::unblock_requests) needs the returned id.
    pub(crate) fn block_requests(&mut self, path: &str) -> Result<Value, String> {
        let params = json!({
            "phases": ["beforeRequestSent"],
            "urlPatterns": [{"type": "pattern", "pathname": path}],
            "contexts": [self.context],
        });
        let answer = self.browser.bidi.command("network.addIntercept", params)?;
        Ok(answer["intercept"].clone())
    }

    /// Sends the blocked requests, and stops blocking.
    pub(crate) fn unblock_requests(&mut self, intercept: &Value) -> Result<(), String> {
        let params = json!({"intercept": intercept});
        self.browser
            .bidi
            .command("network.removeIntercept", params)?;
        let held: Vec<String> = self
            .of_this_tab("network.beforeRequestSent")
            .filter(|params| params["isBlocked"] == true)
            .map(|params| text(&params["request"]["request"]))
            .collect();
        for request in held {
            let params = json!({"request": request});
            self.browser
                .bidi
                .command("network.continueRequest", params)?;
        }
        Ok(())
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.of_this_tab("network.beforeRequestSent")
            .map(|params| text(&params["request"]["url"]))
            .collect()
    }

    /// Returns the responses with an error status, as `status URL`.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.of_this_tab("network.responseCompleted")
            .filter(|params| {
                params["response"]["status"]
                    .as_u64()
                    .is_some_and(|code| code >= 400)
            })
            .map(|params| {
                format!(
                    "{} {}",
                    params["response"]["status"],
                    text(&params["response"]["url"])
                )
            })
            .collect()
    }

    /// Returns the errors in the console. Uncaught exceptions are among them.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.browser
            .bidi
            .events()
            .iter()
            .filter(|event| event.method == "log.entryAdded" && event.params["level"] == "error")
            .map(|event| text(&event.params["text"]))
            // Firefox logs this error if a check reads a page that the tab has left. A page itself causes the error
            // only if it reads an `iframe` of another origin. The pages have no `iframe`, so the filter hides no fault.
            .filter(|text| !text.contains("Permission denied to access property"))
            .collect()
    }

    fn of_this_tab(&self, method: &str) -> impl Iterator<Item = &Value> {
        self.browser
            .bidi
            .events()
            .iter()
            .filter(move |event| {
                event.method == method && event.params["context"] == self.context.as_str()
            })
            .map(|event| &event.params)
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        let bidi = &mut self.browser.bidi;
        for script in &self.preloads {
            let _ = bidi.command("script.removePreloadScript", json!({"script": script}));
        }
        // A user context contains the tab and its storage. Its removal also closes the tab.
        let _ = bidi.command(
            "browser.removeUserContext",
            json!({"userContext": self.user}),
        );
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
