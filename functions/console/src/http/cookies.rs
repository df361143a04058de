use axum::http::{HeaderMap, HeaderValue, header};

/// The cookies of this server: over https their names bind them to it, so that no neighbour of the domain can plant one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For a server that is reached by https, or not.
    pub(crate) const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The cookie that holds a session's token.
    pub(crate) const fn session(self) -> &'static str {
        if self.secure { "__Host-wynos" } else { "wynos" }
    }

    /// The cookie that ties a form to a browser where nobody is signed in yet.
    pub(crate) const fn visit(self) -> &'static str {
        if self.secure {
            "__Host-wynos-visit"
        } else {
            "wynos-visit"
        }
    }

    /// A header that sets a cookie until the browser is closed.
    pub(crate) fn set(self, name: &str, value: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"
        ))
        .ok()
    }

    /// A header that takes a cookie away.
    pub(crate) fn remove(self, name: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"
        ))
        .ok()
    }
}

/// The value of a cookie of the request.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty() && value.len() <= 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; wynos-visit=v; xwynos=no"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("wynos=s"));
        assert_eq!(read(&headers, "wynos"), Some("s"));
        assert_eq!(read(&headers, "wynos-visit"), Some("v"));
        assert_eq!(read(&headers, "ynos"), None);
    }

    #[test]
    fn over_https_cookies_are_bound_to_the_host() {
        let cookies = Cookies::new(true);
        let set = cookies.set(cookies.session(), "x").unwrap();
        assert_eq!(
            set,
            "__Host-wynos=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
