//! Region and endpoint: derived from each other, and never in contradiction.

use super::Home;
use crate::names::{Parse, RegionId};
use crate::settings::Key;

const EAST: &str = "https://swr-api.cn-east-3.myhuaweicloud.com";
const NORTH: &str = "https://swr-api.cn-north-4.myhuaweicloud.com";

fn region(id: &str) -> RegionId {
    RegionId::parse(id).unwrap()
}

/// Returns region and endpoint with their origins.
fn resolved(home: &Home) -> [String; 2] {
    let settings = home.load().unwrap();
    let region = settings.region().unwrap();
    let endpoint = settings.endpoint().unwrap();
    [
        region.map_or_else(String::new, |at| {
            home.plain(&format!("{} ({})", at.value, at.origin))
        }),
        home.plain(&format!("{} ({})", endpoint.value, endpoint.origin)),
    ]
}

#[test]
fn the_endpoint_is_derived_from_the_region_and_the_region_read_off_the_endpoint() {
    assert_eq!(
        resolved(&Home::new("").set("SWR_REGION", "cn-north-4")),
        [
            "cn-north-4 (SWR_REGION)".to_owned(),
            format!("{NORTH} (derived from region)")
        ]
    );
    assert_eq!(
        resolved(&Home::new("").set("SWR_ENDPOINT", EAST)),
        [
            "cn-east-3 (derived from endpoint)".to_owned(),
            format!("{EAST} (SWR_ENDPOINT)")
        ]
    );
    assert_eq!(
        resolved(&Home::new("").set("SWR_ENDPOINT", "https://gateway.example/swr")),
        [
            String::new(),
            "https://gateway.example/swr (SWR_ENDPOINT)".to_owned()
        ]
    );
}

#[test]
fn with_neither_there_is_advice() {
    let home = Home::new("");
    let settings = home.load().unwrap();
    let advice =
        "set the region with --region, SWR_REGION, or 'region' in the config file, like cn-north-4";
    assert_eq!(
        home.told(settings.endpoint()),
        format!("neither a region nor an endpoint is set |  | 1 | {advice}")
    );
    assert_eq!(settings.region().unwrap(), None);
    assert!(settings.require_region().is_err());
}

#[test]
fn a_region_that_contradicts_a_weaker_endpoint_is_an_error_and_no_request_to_the_wrong_place() {
    let toml = format!("endpoint = '{EAST}'\n");
    let option = Home::new(&toml).option(Key::Region, "cn-north-4");
    let text = format!(
        "region 'cn-north-4' contradicts the endpoint '{EAST}' (~/.config/swr/config.toml:1), \
         which is that of 'cn-east-3'"
    );
    let hint = "leave out one of the two: without an endpoint it is derived from the region";
    assert_eq!(
        option.told(option.load().unwrap().endpoint()),
        format!("{text} | --region | 2 | {hint}")
    );
    let variable = Home::new(&toml).set("SWR_REGION", "cn-north-4");
    assert_eq!(
        variable.told(variable.load().unwrap().region()),
        format!("{text} | SWR_REGION | 1 | {hint}")
    );
    let equal = Home::new(&format!("{toml}region = 'cn-north-4'\n"));
    assert!(equal.load().unwrap().endpoint().is_err());
}

#[test]
fn a_stronger_endpoint_tells_the_region() {
    let home = Home::new("region = 'cn-north-4'\n").set("SWR_ENDPOINT", EAST);
    assert_eq!(
        resolved(&home),
        [
            "cn-east-3 (derived from endpoint)".to_owned(),
            format!("{EAST} (SWR_ENDPOINT)")
        ]
    );
    let overridden = home.load().unwrap().region().unwrap().unwrap().overridden;
    let overridden: Vec<_> = overridden.into_iter().map(|(_, value)| value).collect();
    assert_eq!(overridden, ["cn-north-4"]);
}

#[test]
fn a_regions_own_endpoint_counts_for_the_source_region_below_swr_endpoint() {
    let toml = "region='cn-north-4'\nendpoint='https://top.example'\n[regions.cn-north-4]\nendpoint='https://own.example'\n";
    let general = ("SWR_ENDPOINT", "https://general.example");
    let own = ("SWR_ENDPOINT_CN_NORTH_4", "https://variable.example");
    let endpoint = |pairs: &[(&str, &str)]| {
        let home = pairs
            .iter()
            .fold(Home::new(toml), |home, (name, value)| home.set(name, value));
        home.load().unwrap().endpoint().unwrap().value.to_string()
    };
    assert_eq!(endpoint(&[general, own]), "https://general.example");
    assert_eq!(endpoint(&[own]), "https://variable.example");
    assert_eq!(endpoint(&[]), "https://own.example");
}

#[test]
fn another_region_has_its_own_endpoint_or_the_derived_one_and_never_the_source_regions() {
    let home = Home::new("region='cn-north-4'\n[profiles.p.regions.cn-east-3]\nendpoint='https://p.example'\n[regions.cn-east-3]\nendpoint='https://top.example'\n")
        .set("SWR_ENDPOINT", "http://127.0.0.1:1")
        .set("SWR_PROFILE", "p")
        .set("SWR_ENDPOINT_CN_SOUTH_1", "http://127.0.0.1:2")
        .set("HUAWEICLOUD_SDK_REGION_SWR_CN_SOUTH_1", "https://sdk.example")
        .set("HUAWEICLOUD_SDK_REGION_SWR_CN_EAST_2", "https://sdk.example,https://b.example");
    let settings = home.load().unwrap();
    let of = |id: &str| settings.endpoint_of(&region(id)).unwrap().value.to_string();
    assert_eq!(of("cn-north-4"), "http://127.0.0.1:1");
    assert_eq!(of("cn-east-3"), "https://p.example");
    assert_eq!(of("cn-south-1"), "http://127.0.0.1:2");
    assert_eq!(of("cn-east-2"), "https://sdk.example");
    assert_eq!(
        of("eu-west-101"),
        "https://swr-api.eu-west-101.myhuaweicloud.eu"
    );
}

#[test]
fn an_endpoint_of_a_region_that_names_another_one_is_an_error() {
    let home = Home::new("").set("SWR_ENDPOINT_CN_NORTH_4", EAST);
    let settings = home.load().unwrap();
    assert!(settings.endpoint_of(&region("cn-north-4")).is_err());
    let home = home.set("SWR_REGION", "cn-north-4");
    assert!(home.load().unwrap().endpoint().is_err());
}

#[test]
fn the_sdks_file_of_endpoints_counts_where_nothing_else_does() {
    let home = Home::new("region='cn-north-4'\n");
    home.write(
        ".huaweicloud/regions.yaml",
        "SWR:\n- id: cn-north-4\n  endpoint: https://file.example\n",
    );
    assert_eq!(
        resolved(&home)[1],
        "https://file.example (~/.huaweicloud/regions.yaml)"
    );
    let home = home.set("SWR_ENDPOINT", "https://set.example");
    let endpoint = home.load().unwrap().endpoint().unwrap();
    assert_eq!(endpoint.value.as_str(), "https://set.example");
    assert_eq!(endpoint.overridden.len(), 1);
}

#[test]
fn a_broken_file_of_endpoints_stops_only_who_needs_it() {
    let home = Home::new("region='cn-north-4'\n").set("HUAWEICLOUD_SDK_REGIONS_FILE", "/missing");
    assert!(home.load().unwrap().endpoint().is_err());
    let home = home.set("SWR_ENDPOINT", "https://set.example");
    assert!(home.load().unwrap().endpoint().is_ok());
}

#[test]
fn a_project_holds_for_its_own_region_only() {
    let home = Home::new("region='cn-north-4'\n[regions.cn-east-3]\nproject_id='file-east'\n")
        .set("SWR_PROJECT_ID", "own")
        .set("SWR_PROJECT_ID_CN_SOUTH_1", "south");
    let settings = home.load().unwrap();
    let of = |id: &str| settings.project_of(&region(id)).unwrap().map(|at| at.value);
    assert_eq!(of("cn-north-4").as_deref(), Some("own"));
    assert_eq!(of("cn-east-3").as_deref(), Some("file-east"));
    assert_eq!(of("cn-south-1").as_deref(), Some("south"));
    assert_eq!(of("cn-south-2"), None);
}

#[test]
fn iam_and_sts_are_derived_unless_they_are_set() {
    let home = Home::new("sts_endpoint='https://sts.example'\n")
        .set("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://127.0.0.1:9");
    let settings = home.load().unwrap();
    let north = region("cn-north-4");
    assert_eq!(
        settings.iam_endpoint(&north).unwrap().value.as_str(),
        "http://127.0.0.1:9"
    );
    assert_eq!(
        settings.sts_endpoint(&north).unwrap().value.as_str(),
        "https://sts.example"
    );
    let bare = Home::new("").load().unwrap();
    assert_eq!(
        bare.iam_endpoint(&north).unwrap().value.as_str(),
        "https://iam.cn-north-4.myhuaweicloud.com"
    );
}

#[test]
fn the_files_of_the_vendors_tools_tell_what_nothing_else_does() {
    let home = Home::new("");
    home.write(
        ".hcloud/config.json",
        r#"{"profiles":[{"name":"default","region":"cn-north-4"}]}"#,
    );
    home.write(
        ".huaweicloud/credentials",
        "[basic]\niam_endpoint = https://iam.file.example\n",
    );
    assert_eq!(
        resolved(&home),
        [
            "cn-north-4 (~/.hcloud/config.json)".to_owned(),
            format!("{NORTH} (derived from region)")
        ]
    );
    let settings = home.load().unwrap();
    let iam = settings.iam_endpoint(&region("cn-north-4")).unwrap();
    assert_eq!(iam.value.as_str(), "https://iam.file.example");
    let home = home.set("SWR_ENDPOINT", EAST);
    assert_eq!(resolved(&home)[0], "cn-east-3 (derived from endpoint)");
    let home = home.set("HW_REGION_NAME", "cn-south-1");
    let overridden = home.load().unwrap().region().unwrap().unwrap().overridden;
    assert_eq!(overridden.len(), 1, "hcloud's file is not even read");
}
