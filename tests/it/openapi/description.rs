//! Parses the OpenAPI document and compares responses with it. Supports only the keywords that the document uses, and
//! panics at other keywords.

use serde_json::Value;

use crate::support::Response;

pub(super) struct Description(Value);

impl Description {
    pub(super) fn parse(text: &str) -> Description {
        Description(serde_json::from_str(text).expect("JSON"))
    }

    pub(super) fn info(&self, key: &str) -> &str {
        self.0["info"][key].as_str().unwrap()
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.0["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().map(String::as_str);
            let methods = methods.filter(|method| *method != "parameters");
            methods.map(move |method| (path.as_str(), method))
        })
    }

    pub(super) fn operation(&self, path: &str, method: &str) -> &Value {
        let operation = &self.0["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is not described");
        operation
    }

    pub(super) fn parameters(&self, path: &str, method: &str) -> Vec<&str> {
        let shared = &self.0["paths"][path]["parameters"];
        let own = &self.operation(path, method)["parameters"];
        let lists = [shared, own].into_iter().filter_map(|list| list.as_array());
        let mut names = Vec::new();
        for parameter in lists.flatten().map(|parameter| self.resolve(parameter)) {
            let properties = parameter["schema"]["properties"].as_object();
            match (parameter["in"].as_str(), properties) {
                (Some("path"), _) => {}
                // The properties of an object in a query are separate parameters (OpenAPI 3.1 §4.8.12.3, style `form`).
                (Some("query"), Some(them)) => names.extend(them.keys().map(String::as_str)),
                _ => names.push(parameter["name"].as_str().unwrap()),
            }
        }
        names
    }

    /// Returns the key and the description of the response with this status. The key is the status or its class, for
    /// example `404` or `4XX`.
    #[track_caller]
    pub(super) fn response(&self, path: &str, method: &str, status: u16) -> (&str, &Value) {
        let responses = self.operation(path, method)["responses"].as_object();
        let class = format!("{}XX", status / 100);
        let described = [status.to_string(), class]
            .into_iter()
            .find_map(|key| responses.unwrap().get_key_value(&key));
        let (key, response) =
            described.unwrap_or_else(|| panic!("{method} {path}: {status} is not described"));
        (key, self.resolve(response))
    }

    pub(super) fn common_response(&self, status: u16) -> &Value {
        let response = &self.0["components"]["responses"][status.to_string()];
        assert!(response.is_object(), "{status} is not described");
        self.resolve(response)
    }

    pub(super) fn common_scheme(&self, name: &str) -> &Value {
        &self.0["components"]["securitySchemes"][name]
    }

    /// Checks that a response matches its description. Returns the described media type.
    #[track_caller]
    pub(super) fn check(&self, described: &Value, answer: &Response) -> Option<String> {
        if let Some(fields) = described["headers"].as_object() {
            for (name, field) in fields {
                let field = self.resolve(field);
                match answer.field(&name.to_ascii_lowercase()) {
                    Some(text) => {
                        let number = text.parse::<u64>().map(Value::from).ok();
                        let is_number = field["schema"]["type"] == "integer";
                        let value = number.filter(|_| is_number).unwrap_or(text.into());
                        self.validate(&field["schema"], &value).unwrap();
                    }
                    None => assert_ne!(field["required"], true, "no {name} in {answer:?}"),
                }
            }
        }
        let media_type = answer.field("content-type");
        let Some(content) = described["content"].as_object() else {
            assert_eq!((media_type, answer.content.len()), (None, 0), "{answer:?}");
            return None;
        };
        let media_type = media_type.unwrap();
        let (key, media) = content
            .iter()
            .find(|(key, _)| is_of(media_type, key))
            .or(content.get_key_value("*/*"))
            .unwrap_or_else(|| panic!("{media_type} is not described"));
        let value = match media_type {
            "application/json" => serde_json::from_slice(&answer.content).unwrap(),
            _ => String::from_utf8_lossy(&answer.content).into_owned().into(),
        };
        if media["schema"].is_object() {
            self.validate(&media["schema"], &value).unwrap();
        }
        Some(key.clone())
    }

    fn resolve<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').unwrap();
            value = self.0.pointer(pointer).expect(reference);
        }
        value
    }

    /// Checks that a value matches its schema. Unlike in JSON Schema, an object may have only the described properties.
    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let words = self.resolve(schema).as_object().unwrap();
        for (word, operand) in words {
            let list = || operand.as_array().unwrap().iter();
            let holds = match word.as_str() {
                "description" => true,
                "type" => match operand.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    other => panic!("type {other}"),
                },
                "const" => value == operand,
                "enum" => list().any(|one| one == value),
                "required" => list().all(|name| value.get(name.as_str().unwrap()).is_some()),
                "oneOf" => list().filter(|it| self.validate(it, value).is_ok()).count() == 1,
                "items" => {
                    for item in value.as_array().unwrap() {
                        self.validate(operand, item)?;
                    }
                    true
                }
                "properties" => {
                    for (name, property) in value.as_object().unwrap() {
                        let schema = operand
                            .get(name)
                            .ok_or(format!("{name} is not described"))?;
                        self.validate(schema, property)?;
                    }
                    true
                }
                other => panic!("unsupported schema keyword {other}"),
            };
            if !holds {
                return Err(format!("{value} does not match {word} {operand}"));
            }
        }
        Ok(())
    }
}

/// Returns true if a media type is the described type. Ignores parameters, for example `; charset=utf-8`.
fn is_of(media_type: &str, described: &str) -> bool {
    let rest = media_type.strip_prefix(described);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
}

/// Tests that the checks of this file can fail.
#[test]
fn validation_refuses_undescribed_values() {
    let description = Description::parse(
        r##"{"number": {"type": "integer"}, "schema": {"type": "object", "required": ["a"],
            "properties": {"a": {"$ref": "#/number"}, "b": {"enum": ["x", "y"]}, "c": {"items": {"const": 1}},
                "d": {"type": "string"}},
            "oneOf": [{"required": ["b"]}, {"required": ["c"]}]}}"##,
    );
    let schema = &description.0["schema"];
    for (text, is_valid) in [
        (r#"{"a": -1, "b": "y"}"#, true),
        (r#"{"a": 1, "c": [1, 1]}"#, true),
        (r#"{"a": 1}"#, false),
        (r#"{"b": "y"}"#, false),
        (r#"{"a": 1, "b": "y", "c": []}"#, false),
        (r#"{"a": "1", "b": "y"}"#, false),
        (r#"{"a": 1.5, "b": "y"}"#, false),
        (r#"{"a": 1, "b": "z"}"#, false),
        (r#"{"a": 1, "c": [1, 2]}"#, false),
        (r#"{"a": 1, "b": "y", "d": 1}"#, false),
        (r#"{"a": 1, "b": "y", "e": 1}"#, false),
        ("[]", false),
    ] {
        let value = serde_json::from_str(text).unwrap();
        let is_object = Value::is_object(&value);
        let found = is_object && description.validate(schema, &value).is_ok();
        assert_eq!(found, is_valid, "{text}");
    }
    assert!(is_of("text/html; charset=utf-8", "text/html") && !is_of("text/html2", "text/html"));
}
