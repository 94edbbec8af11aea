"""Answers as protection services send them, and honest ones that look a little like them."""


def page(title: str, body: str = "", head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{body}</body></html>"
    )


CF = {"Server": "cloudflare", "CF-RAY": "8f0a1b2c3d4e5f60-FRA"}
JSD = (
    "<script>window.__CF$cv$params={r:'8f',t:'MTcz'};"
    "a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>"
)
STORY = "<article><h1>Talks resume</h1><p>Delegates met in Geneva on Monday.</p></article>"

WALLS: list[tuple[str, str, int, dict[str, str], str]] = [
    ("managed challenge", "Cloudflare", 403, CF | {"cf-mitigated": "challenge"}, ""),
    (
        "its page alone",
        "Cloudflare",
        403,
        {},
        page("Just a moment...", "<script>(function(){window._cf_chl_opt={cvId:'3'};})()</script>"),
    ),
    (
        "its page in German",
        "Cloudflare",
        403,
        CF,
        page("Nur einen Moment…", "<script>window._cf_chl_opt = {cvId: '3'};</script>"),
    ),
    (
        "under attack, of old",
        "Cloudflare",
        503,
        CF,
        page("Just a moment...", "<form id='challenge-form'><input name='jschl_answer'></form>"),
    ),
    (
        "blocked",
        "Cloudflare",
        403,
        CF,
        page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>"),
    ),
    (
        "error 1020",
        "Cloudflare",
        403,
        CF,
        page("Access denied | news.example used Cloudflare to restrict access"),
    ),
    ("error 1020 as text", "Cloudflare", 403, CF, "error code: 1020"),
    ("error 1015", "Cloudflare", 429, CF, "error code: 1015"),
    (
        "rate limited page",
        "Cloudflare",
        429,
        CF,
        page("Error", "<h2>You are being rate limited</h2><p>Performance by Cloudflare</p>"),
    ),
    (
        "access denied",
        "Akamai",
        403,
        {"Server": "AkamaiGHost"},
        page(
            "Access Denied",
            "<h1>Access Denied</h1>You don't have permission to access "
            '"http&#58;&#47;&#47;news.example" on this server.<p>Reference&#32;&#35;18&#46;2d1',
        ),
    ),
    (
        "access denied, newer",
        "Akamai",
        403,
        {},
        page("Access Denied", "<p>https://errors.edgesuite.net/18.5c7a1602.1736.1a2b3c</p>"),
    ),
    (
        "interstitial",
        "Akamai",
        200,
        {"Server": "AkamaiGHost"},
        page("&nbsp;", "<script>function triggerInterstitialChallenge(){}</script>"),
    ),
    ("sec-cpt", "Akamai", 429, {}, page("", '<div id="sec-if-cpt-container"></div>')),
    (
        "Incapsula",
        "Imperva",
        403,
        {"X-Iinfo": "1-2-3"},
        '<html><iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=9&incident_id=1-2">'
        "Request unsuccessful. Incapsula incident ID: 1-2</iframe></html>",
    ),
    (
        "Incapsula with 200",
        "Imperva",
        200,
        {},
        '<html><head><META NAME="robots" CONTENT="noindex,nofollow"></head><iframe '
        'src="//content.incapsula.com/x">Request unsuccessful. Incapsula incident ID: 1</iframe>',
    ),
    ("DataDome header", "DataDome", 403, {"X-DataDome": "protected", "X-DD-B": "1"}, "{}"),
    ("DataDome without the second", "DataDome", 403, {"x-datadome": "protected"}, ""),
    (
        "DataDome JSON",
        "DataDome",
        403,
        {},
        '{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=AHrl"}',
    ),
    (
        "PerimeterX",
        "HUMAN",
        403,
        {},
        page("Access to this page has been denied", '<div id="px-captcha"></div>'),
    ),
    (
        "HUMAN JSON",
        "HUMAN",
        403,
        {},
        '{"appId":"PXabc","jsClientSrc":"/abc/init.js","blockScript":"https://captcha.px-cdn.net/P/captcha.js"}',
    ),
    (
        "Sucuri block",
        "Sucuri",
        403,
        {"Server": "Sucuri/Cloudproxy"},
        page("Sucuri WebSite Firewall - Access Denied"),
    ),
    ("Sucuri header", "Sucuri", 403, {"X-Sucuri-Block": "BLK_GEO"}, ""),
    ("Sucuri cookie", "Sucuri", 200, {}, "<html><script>sucuri_cloudproxy_js='';</script></html>"),
    (
        "DDoS-Guard",
        "DDoS-Guard",
        403,
        {"Server": "ddos-guard"},
        page("DDoS-Guard", "<script src='/.well-known/ddos-guard/js-challenge/index.js'></script>"),
    ),
    ("AWS WAF challenge", "AWS WAF", 202, {"x-amzn-waf-action": "challenge"}, ""),
    ("AWS WAF captcha", "AWS WAF", 405, {"X-Amzn-Waf-Action": "captcha"}, ""),
    (
        "AWS WAF page",
        "AWS WAF",
        405,
        {},
        page("Human Verification", "<script>window.gokuProps = {};</script>"),
    ),
    (
        "CloudFront block",
        "AWS WAF",
        403,
        {"X-Cache": "Error from cloudfront"},
        page(
            "ERROR: The request could not be satisfied",
            "<h2>403 ERROR</h2>Request blocked. We "
            "can't connect to the server.<pre>Generated by cloudfront (CloudFront)</pre>",
        ),
    ),
    ("Vercel header", "Vercel", 429, {"X-Vercel-Mitigated": "challenge"}, ""),
    ("Vercel page", "Vercel", 429, {}, page("Vercel Security Checkpoint")),
    ("Kasada header", "Kasada", 429, {"x-kpsdk-ct": "0abc"}, ""),
    (
        "Kasada page",
        "Kasada",
        429,
        {},
        "<html><body><script>window.KPSDK={};</script><script src='/1/2/ips.js?x'></script>",
    ),
    (
        "Anubis with 200",
        "Anubis",
        200,
        {},
        page(
            "Making sure you&#39;re not a bot!",
            head='<script id="anubis_version" type="application/json">"v1.21.3"</script>',
        ),
    ),
    (
        "Anubis with 500",
        "Anubis",
        500,
        {},
        page("Oh noes!", '<img src="/.within.website/x/cmd/anubis/static/img/reject.webp">'),
    ),
    (
        "Wordfence",
        "Wordfence",
        503,
        {},
        page(
            "Your access to this site has been limited",
            "Your access to this site has been "
            "limited by the site owner<p>Generated by Wordfence at Mon",
        ),
    ),
    (
        "Qrator",
        "Qrator",
        401,
        {"Server": "QRATOR"},
        "<html><head><script src='/__qrator/qauth_utm_v2.js'></script></head></html>",
    ),
    ("Reblaze", "Reblaze", 403, {}, "<script>window.rbzns={bereshit:'1'}</script>"),
    (
        "F5",
        "F5",
        200,
        {},
        "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. "
        "Please consult with your administrator.<br>Your support ID is: 123</body></html>",
    ),
    ("F5 script", "F5", 200, {}, '<script>window["bobcmn"] = "111110";</script>'),
    (
        "SiteGround",
        "SiteGround",
        202,
        {},
        '<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2Ffeed%2F">',
    ),
    (
        "Imunify360",
        "Imunify360",
        200,
        {},
        page("One moment, please...", "<form><input name='wsidchk'></form>"),
    ),
    (
        "Fastly",
        "Fastly",
        403,
        {},
        page("Client Challenge", "<script src='/_fs-ch-1T1wmsGaOgGaSxcX/"),
    ),
    (
        "ArvanCloud",
        "ArvanCloud",
        200,
        {"Server": "ArvanCloud"},
        page("x", "setCookie('__arcsjs',1)"),
    ),
    (
        "Google",
        "Google",
        429,
        {},
        page("Sorry...", "Our systems have detected unusual traffic from your computer network."),
    ),
    ("Yandex", "Yandex", 403, {}, '<a href="/showcaptcha?cc=1">'),
    (
        "any captcha",
        "a captcha",
        403,
        {},
        page("Security check", "<p>Please verify you are human.</p><div class='h-captcha'></div>"),
    ),
    (
        "another captcha",
        "a captcha",
        503,
        {},
        page("One more step", "<p>I'm not a robot</p><div class='g-recaptcha'></div>"),
    ),
]

HONEST: list[tuple[str, int, dict[str, str], str]] = [
    ("nginx", 403, {"Server": "nginx"}, page("403 Forbidden", "<h1>403 Forbidden</h1>")),
    (
        "Apache",
        403,
        {},
        page("403 Forbidden", "You don't have permission to access this resource."),
    ),
    ("behind Cloudflare", 403, CF, page("403 Forbidden", "<center>nginx</center>")),
    (
        "behind it, with its script",
        403,
        CF,
        page("Subscribers only", f"<p>Please log in.</p>{JSD}"),
    ),
    ("empty", 403, {}, ""),
    ("password", 401, {"WWW-Authenticate": "Basic"}, page("401 Unauthorized")),
    ("law", 451, CF, page("Unavailable for legal reasons")),
    ("no page", 404, CF, page("Page not found", JSD)),
    ("paywall with a captcha", 403, {}, page("Log in", "<form><div class='g-recaptcha'></div>")),
    ("too fast", 429, {"Retry-After": "60"}, "Too many requests"),
    ("overload", 503, {"Retry-After": "120"}, page("503 Service Temporarily Unavailable")),
    (
        "WordPress maintenance",
        503,
        {},
        page(
            "Maintenance", "Briefly unavailable for scheduled maintenance. Check back in a minute."
        ),
    ),
    ("Varnish", 503, {}, page("503 Backend fetch failed", "<h1>Error 503</h1>Guru Meditation:")),
    (
        "Akamai's own trouble",
        503,
        {},
        page("Error", "An error occurred. Reference&#32;&#35;97&#46;1"),
    ),
    ("Cloudflare without a site", 522, CF, page("news.example | 522: Connection timed out")),
    ("Cloudflare's bad gateway", 502, CF, page("502 Bad Gateway", "<div id='cf-error-details'>")),
    ("unknown host there", 530, CF, "error code: 1016"),
    ("page behind Cloudflare", 200, CF, page("Talks resume", STORY + JSD)),
    (
        "page with Turnstile comments",
        200,
        CF,
        page(
            "Talks resume",
            STORY + "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'>"
            "</script><div class='cf-turnstile'>Verify you are human</div>",
        ),
    ),
    (
        "page behind Imperva",
        200,
        {"X-CDN": "Imperva"},
        page(
            "Talks resume", f"{STORY}<script src='/_Incapsula_Resource?SWJIYLWA=719d34'></script>"
        ),
    ),
    (
        "page behind DataDome",
        200,
        {"X-DataDome": "protected"},
        page("Talks resume", f"{STORY}<script src='https://js.datadome.co/tags.js'></script>"),
    ),
    (
        "page behind HUMAN",
        200,
        {},
        page("Talks resume", f"{STORY}<script>window._pxAppId='PXabc'</script>"),
    ),
    (
        "page behind Kasada",
        200,
        {"x-kpsdk-ct": "0"},
        page("Talks", "<script>window.KPSDK={}</script>"),
    ),
    (
        "page behind AWS WAF",
        200,
        {},
        page("Talks", "<script>AwsWafIntegration.getToken()</script>"),
    ),
    (
        "article on Anubis",
        200,
        {},
        page(
            "Proof of work for blogs",
            '<p>Look for &lt;script id="anubis_challenge"&gt; and '
            "/.within.website/x/cmd/anubis/.</p>",
        ),
    ),
    (
        "article on captchas",
        200,
        {},
        page("Are you a robot?", "<p>«I'm not a robot», says the g-recaptcha box.</p>"),
    ),
    ("article on blocks", 200, {}, page("Sorry, you have been blocked, said Cloudflare", STORY)),
    (
        "feed of an odd name",
        200,
        {},
        "<rss version='2.0'><channel><title>Just a moment...</title></channel></rss>",
    ),
]
