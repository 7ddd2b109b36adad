//! JSON Schema made from types that serde writes: what they are is what their schema says.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, transform};
use serde_json::{Map, Value as Json};

use super::Heading;

/// The schema of what is read as a type: what has a default may be missing.
pub fn of_input<T: JsonSchema>(heading: &Heading) -> Json {
    of_type::<T>(heading, SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what a type is written as: a key is missing only where it is left out on purpose.
pub fn of_output<T: JsonSchema>(heading: &Heading) -> Json {
    of_type::<T>(heading, SchemaSettings::draft2020_12().for_serialize())
}

fn of_type<T: JsonSchema>(heading: &Heading, settings: SchemaSettings) -> Json {
    let settings = settings.with_transform(close);
    let mut found = settings.into_generator().into_root_schema_for::<T>();
    let body = std::mem::take(found.ensure_object());
    let mut schema = heading.keys();
    let is_ours = |key: &str| ["$schema", "$id", "title", "description"].contains(&key);
    schema.extend(body.into_iter().filter(|(key, _)| !is_ours(key)));
    Json::Object(schema)
}

/// Refuses keys that nobody declared, in the variants of enums too, and describes the key that
/// tells the variants apart.
fn close(schema: &mut Schema) {
    transform::transform_subschemas(&mut close, schema);
    let Some(object) = schema.as_object_mut() else { return };
    if object.contains_key("properties") {
        object.entry("additionalProperties").or_insert(Json::Bool(false));
    }
    if let Some(Json::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().filter_map(Json::as_object_mut).for_each(describe);
    }
}

fn describe(property: &mut Map<String, Json>) {
    if property.contains_key("const") && !property.contains_key("description") {
        let about = "Says which of these it is.";
        property.shift_insert(0, "description".into(), about.into());
    }
}
