//! Lists of agents in their shapes.

use super::*;

#[test]
fn csv_and_both_shapes_of_json_say_the_same() {
    let wanted = Agents(BTreeMap::from([("ada@x".to_owned(), "a1".to_owned()), ("ben@x".to_owned(), "b2".to_owned())]));
    for text in [
        "\u{feff}Name,Email,ID\r\nAda,Ada@x,a1\r\nBen,ben@x,b2\r\n",
        "agent_id,email\na1, ada@x\nb2,BEN@x\n",
        r#"{"Ada@x": "a1", "ben@x": "b2"}"#,
        r#"[{"email": "ada@x", "id": "a1"}, {"email": "ben@x", "id": "b2", "name": "Ben"}]"#,
    ] {
        assert_eq!(Agents::read(text).unwrap(), wanted, "{text}");
    }
}

#[test]
fn what_is_no_list_is_said() {
    for (text, wanted) in [
        ("a,b\n1,2\n", "the header has a, b"),
        (r#"{"ada@x": 5}"#, "an id is no text"),
        (r#"[{"email": "ada@x"}]"#, "lacks email or id"),
        ("[", "no JSON like"),
    ] {
        let error = Agents::read(text).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}
