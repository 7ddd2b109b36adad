//! Small shapes and the whole of their schemas.

use super::super::shape::{may, must};
use super::*;

const HEADING: Heading = Heading { name: "tree", title: "A tree", about: "What grows." };
const COLOURS: &[&str] = &["red", "green"];

static TREE: Shape = Shape {
    noun: "a tree",
    name: "tree",
    about: "What grows.",
    keys: &[&[
        must("id", Form::Id).about("Its name."),
        must("branches", Form::Filled(&Form::List(&Form::Shape(&BRANCH)))).about("Its branches."),
        may("age", Form::Duration).about("How old it is."),
    ]],
    rules: &[],
};

static BRANCH: Shape = Shape {
    noun: "a branch",
    name: "branch",
    about: "A part of a tree.",
    keys: &[&[
        may("leaf", Form::Words(&COLOURS)).about("The colour of its leaf."),
        may("fruit", Form::Either(&[Form::Boolean, Form::Text])).about("What it bears."),
        may("birds", Form::Map(&Form::Integer)).about("Who sits there, by name."),
        may("cut", Form::Boolean).about("Whether it is gone."),
    ]],
    rules: &[&[
        Rule::One(&["leaf", "fruit"]),
        Rule::Needs("birds", &["leaf"]),
        Rule::Narrows("birds", "fruit", Form::Boolean),
        Rule::Excludes("birds", &["cut"]),
    ]],
};

#[test]
fn a_shape_becomes_a_closed_schema_with_a_sentence_for_every_key() {
    let branch = json!({
        "description": "A part of a tree.",
        "type": "object",
        "properties": {
            "leaf": { "description": "The colour of its leaf.", "enum": ["red", "green"] },
            "fruit": {
                "description": "What it bears.",
                "anyOf": [{ "type": "boolean" }, { "type": SCALAR }],
            },
            "birds": {
                "description": "Who sits there, by name.",
                "type": ["object", "null"],
                "additionalProperties": { "type": "integer" },
            },
            "cut": { "description": "Whether it is gone.", "type": "boolean" },
        },
        "additionalProperties": false,
        "allOf": [
            { "anyOf": [{ "required": ["leaf"] }, { "required": ["fruit"] }] },
            {
                "if": { "required": ["leaf"] },
                "then": { "properties": { "fruit": false } },
            },
            {
                "if": { "required": ["birds"] },
                "then": {
                    "properties": { "fruit": { "type": "boolean" }, "cut": false },
                    "required": ["leaf"],
                },
            },
        ],
    });
    let expected = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:holdpoint:tree:1",
        "title": "A tree",
        "description": "What grows.",
        "type": "object",
        "properties": {
            "id": { "description": "Its name.", "$ref": "#/$defs/Id" },
            "branches": {
                "description": "Its branches.",
                "type": "array",
                "items": { "$ref": "#/$defs/branch" },
                "minItems": 1,
            },
            "age": { "description": "How old it is.", "$ref": "#/$defs/Duration" },
        },
        "required": ["id", "branches"],
        "additionalProperties": false,
        "$defs": {
            "Duration": pattern::definition("Duration"),
            "Id": pattern::definition("Id"),
            "branch": branch,
        },
    });
    assert_eq!(of_form(&HEADING, &Form::Shape(&TREE)).to_string(), expected.to_string());
}

static TOOL: Shape = Shape {
    noun: "a tool",
    name: "tool",
    about: "Does one thing.",
    keys: &[&[
        may("run", Form::Script).about("What runs."),
        may("gate", Form::Boolean).about("Whether it asks."),
        may("switch", Form::Expression).about("What chooses."),
        may("undo", Form::Shape(&TOOL)).about("The way back."),
    ]],
    rules: &[&[Rule::OneOr(&["run", "undo"], "gate"), Rule::Never(&["switch"])]],
};

#[test]
fn a_key_that_may_not_stand_there_is_left_out_and_one_may_stand_for_none() {
    static TOOLS: Form = Form::List(&Form::Shape(&TOOL));
    let schema = of_form(&HEADING, &TOOLS);
    assert_eq!(schema["items"], json!({ "$ref": "#/$defs/tool" }));
    let tool = &schema["$defs"]["tool"];
    let keys: Vec<_> = tool["properties"].as_object().into_iter().flatten().collect();
    assert_eq!(keys.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["run", "gate", "undo"]);
    let demands = json!([
        { "anyOf": [{ "required": ["run"] }, { "required": ["undo"] }, { "required": ["gate"] }] },
        { "if": { "required": ["run"] }, "then": { "properties": { "undo": false } } },
    ]);
    assert_eq!(tool["allOf"], demands);
    assert_eq!(schema["$defs"]["Template"], pattern::definition("Template"));
    assert_eq!(tool["required"], Json::Null);
}

#[test]
fn text_that_could_be_a_number_may_be_one() {
    assert_eq!(matching("[0-7]+")["type"], json!(["string", "number"]));
    assert_eq!(matching("[a-z]+")["type"], json!(["string", "boolean"]));
    assert_eq!(matching("[a-z]+:[0-9]+")["type"], json!(["string"]));
}
