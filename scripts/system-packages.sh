#!/bin/sh
# The servers and the browser that the tests talk to: `make test`. As root on Debian or Ubuntu the missing ones are installed, none
# of them is left running. Elsewhere they are named, with the tests that are left out; with CI=true a missing one is a failure.
set -eu

have() {
    for file in "$@"; do
        command -v "$file" >/dev/null 2>&1 && return
    done
    return 1
}
PATH="$PATH:/usr/sbin:/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin)"

# package, what it is for, and the programs any one of which means that it is there
missing() {
    have dovecot && have /usr/lib/dovecot/imap /usr/libexec/dovecot/imap ||
        echo "dovecot-imapd: the tests against a real IMAP server"
    have postgres || echo "postgresql: the store's tests on PostgreSQL"
    have chromium chromium-browser google-chrome || echo "chromium: the console's tests in a browser"
    have smtp-sink || echo "postfix: the tests against a real SMTP server (smtp-sink)"
}

install() {
    # Debian starts a service when it installs it, unless this file says no.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # shellcheck disable=SC2046  # one word for each package
    apt-get -qq install --yes --no-install-recommends $(missing | cut -d: -f1)
}

[ -n "$(missing)" ] || exit 0
if [ "$(id -u)" = 0 ] && have apt-get debconf-set-selections; then
    echo "Installing for the tests: $(missing | cut -d: -f1 | tr '\n' ' ')" >&2
    install >&2 || echo "apt-get failed: see the lines above." >&2
fi
[ -n "$(missing)" ] || exit 0
{
    echo
    echo "  ! NOT INSTALLED, so these tests are left out:"
    missing | sed 's/^/  !   /'
    echo "  ! On Debian: sudo apt-get install $(missing | cut -d: -f1 | tr '\n' ' ')"
    echo
} >&2
[ "${CI:-}" != true ]
