use clap::Args;
use wynos::{control::LaneShare, yclients::client::VendorSettings};

/// How the vendors are reached.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct VendorAccess {
    /// The address of YCLIENTS' API, if not the usual one.
    #[arg(
        long,
        global = true,
        env = "WYNOS_YCLIENTS_BASE_URL",
        hide_short_help = true
    )]
    pub(crate) yclients_base_url: Option<String>,
    /// The partner's token at YCLIENTS; without one nothing is read there.
    #[arg(
        long,
        global = true,
        env = "WYNOS_YCLIENTS_PARTNER_TOKEN",
        hide_env_values = true
    )]
    pub(crate) yclients_partner_token: Option<String>,
    /// The address of Altegio's API, if not the usual one.
    #[arg(
        long,
        global = true,
        env = "WYNOS_ALTEGIO_BASE_URL",
        hide_short_help = true
    )]
    pub(crate) altegio_base_url: Option<String>,
    /// The partner's token at Altegio; without one nothing is read there.
    #[arg(
        long,
        global = true,
        env = "WYNOS_ALTEGIO_PARTNER_TOKEN",
        hide_env_values = true
    )]
    pub(crate) altegio_partner_token: Option<String>,
    /// The share of a vendor's allowance of calls that is used, in whole percent; without one every lane keeps the share that
    /// it has, which is 90 at first.
    #[arg(
        long,
        global = true,
        env = "WYNOS_VENDOR_SHARE",
        value_name = "PERCENT",
        value_parser = share,
        hide_short_help = true
    )]
    pub(crate) vendor_share: Option<LaneShare>,
}

fn share(text: &str) -> Result<LaneShare, String> {
    let expected = LaneShare::EXPECTED;
    text.parse()
        .map_err(|_| format!("here or in WYNOS_VENDOR_SHARE, {expected} is expected"))
}

impl VendorAccess {
    /// The settings of the vendors' client: the defaults, with what was given.
    pub(crate) fn settings(&self) -> VendorSettings {
        let mut settings = VendorSettings {
            share: self.vendor_share,
            ..VendorSettings::default()
        };
        let given = [
            (
                &mut settings.yclients,
                &self.yclients_base_url,
                &self.yclients_partner_token,
            ),
            (
                &mut settings.altegio,
                &self.altegio_base_url,
                &self.altegio_partner_token,
            ),
        ];
        for (access, base_url, token) in given {
            if let Some(base_url) = base_url {
                access.base_url.clone_from(base_url);
            }
            access.partner_token.clone_from(token);
        }
        settings
    }
}
