//! Sends keys and clicks to a tab.

use serde_json::{Value, json};

use crate::page::Page;

/// Keys as WebDriver encodes them.
pub(crate) mod keys {
    pub(crate) const ENTER: &str = "\u{e007}";
    pub(crate) const ESCAPE: &str = "\u{e00c}";
    pub(crate) const SPACE: &str = " ";
    pub(crate) const TAB: &str = "\u{e004}";
    pub(crate) const LEFT: &str = "\u{e012}";
    pub(crate) const UP: &str = "\u{e013}";
    pub(crate) const RIGHT: &str = "\u{e014}";
    pub(crate) const DOWN: &str = "\u{e015}";
}

impl Page<'_> {
    pub(crate) fn press(&mut self, pressed: &[&str]) -> Result<(), String> {
        let mut actions = Vec::new();
        for key in pressed {
            actions.push(json!({"type": "keyDown", "value": key}));
            actions.push(json!({"type": "keyUp", "value": key}));
        }
        self.perform(json!([{"type": "key", "id": "keyboard", "actions": actions}]))
    }

    pub(crate) fn type_text(&mut self, typed: &str) -> Result<(), String> {
        let letters: Vec<String> = typed.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        self.press(&letters)
    }

    /// Scrolls to the first element that matches, and clicks its middle.
    pub(crate) fn click(&mut self, selector: &str) -> Result<(), String> {
        // After the load, the browser may need some time to place the elements.
        let place = self.eval(&format!(
            "const place = () => T.place({});
             await T.until(() => typeof place() === 'object', 2).catch(() => {{}});
             return place()",
            json!(selector)
        ))?;
        let (Some(x), Some(y)) = (place["x"].as_i64(), place["y"].as_i64()) else {
            return Err(format!("{selector} cannot be clicked: {place}"));
        };
        self.click_at(x, y)
    }

    pub(crate) fn click_at(&mut self, x: i64, y: i64) -> Result<(), String> {
        self.perform(json!([{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]}]))
    }

    fn perform(&mut self, actions: Value) -> Result<(), String> {
        let params = json!({"context": self.context, "actions": actions});
        self.browser
            .bidi
            .command("input.performActions", params)
            .map(drop)
    }

    /// Clicks an element that `locate` returned. Also works in a page whose scripts are disabled.
    pub(crate) fn click_node(&mut self, node: &Value) -> Result<(), String> {
        let origin = json!({"type": "element", "element": {"sharedId": node["sharedId"]}});
        self.perform(json!([{"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]}]))
    }
}
