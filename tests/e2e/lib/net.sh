# SPDX-License-Identifier: Apache-2.0
# A small network of a test's own: three namespaces on private
# and documentation addresses.  To be sourced:
#
#     . tests/e2e/lib/net.sh
#     net_found || exit 77        root, ip, nginx, dnsmasq, dig, curl, openssl
#     net_up DIR                  client --- sensor (a router) --- server
#     net_servers                 nginx (HTTP, HTTPS) and dnsmasq in the server's namespace
#     in_client curl ...          run something as the user's machine
#     net_down                    from the test's EXIT trap
#
# Client 10.9.0.5 (and fd00:9::5); sensor's interface towards it: $NET_IF; servers 192.0.2.80,
# 198.51.100.7, 203.0.113.9, 2001:db8::80 for HTTP(S), 192.0.2.53 for DNS.  Nothing reaches any
# other machine.

NET_PIDS=

net_found()
{
    PATH=$PATH:/usr/sbin:/sbin
    [ "$(id -u)" -eq 0 ] || return 1
    for tool in ip nginx dnsmasq dig curl openssl; do
        command -v $tool > /dev/null || return 1
    done
    ip netns add "nta-probe-$$" 2> /dev/null || return 1
    ip netns del "nta-probe-$$"
}

net_up()
{
    NET_DIR=$1
    NET_ID=nta$$
    NET_CLIENT=$NET_ID-client NET_SENSOR=$NET_ID-sensor NET_SERVER=$NET_ID-server
    NET_IF=lan0
    mkdir -p "$NET_DIR"
    for ns in $NET_CLIENT $NET_SENSOR $NET_SERVER; do
        ip netns add $ns
        ip -n $ns link set lo up
    done
    ip -n $NET_SENSOR link add lan0 type veth peer name eth0 netns $NET_CLIENT
    ip -n $NET_SENSOR link add wan0 type veth peer name eth0 netns $NET_SERVER
    ip -n $NET_CLIENT link set eth0 address 02:00:00:00:00:05
    ip -n $NET_SENSOR addr add 10.9.0.1/24 dev lan0
    ip -n $NET_SENSOR addr add fd00:9::1/64 dev lan0 nodad
    ip -n $NET_SENSOR addr add 192.0.2.1/24 dev wan0
    ip -n $NET_SENSOR addr add 2001:db8::1/64 dev wan0 nodad
    ip -n $NET_CLIENT addr add 10.9.0.5/24 dev eth0
    ip -n $NET_CLIENT addr add fd00:9::5/64 dev eth0 nodad
    ip -n $NET_SERVER addr add 192.0.2.80/24 dev eth0
    for a in 192.0.2.53/24 198.51.100.7/32 203.0.113.9/32; do
        ip -n $NET_SERVER addr add $a dev eth0
    done
    ip -n $NET_SERVER addr add 2001:db8::80/64 dev eth0 nodad
    for pair in "$NET_SENSOR lan0" "$NET_SENSOR wan0" "$NET_CLIENT eth0" "$NET_SERVER eth0"; do
        ip -n ${pair% *} link set ${pair#* } up
    done
    ip -n $NET_SENSOR route add 198.51.100.7/32 via 192.0.2.80
    ip -n $NET_SENSOR route add 203.0.113.9/32 via 192.0.2.80
    ip -n $NET_CLIENT route add default via 10.9.0.1
    ip -n $NET_CLIENT -6 route add default via fd00:9::1
    ip -n $NET_SERVER route add default via 192.0.2.1
    ip -n $NET_SERVER -6 route add default via 2001:db8::1
    in_sensor sh -c \
        'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    # offloads make packets of 64 KiB that no wire carries
    for pair in "$NET_CLIENT eth0" "$NET_SERVER eth0" "$NET_SENSOR lan0" "$NET_SENSOR wan0"; do
        command -v ethtool > /dev/null &&
            ip netns exec ${pair% *} ethtool -K ${pair#* } tso off gso off gro off > /dev/null 2>&1
    done
    return 0
}

in_client() { ip netns exec $NET_CLIENT "$@"; }
in_sensor() { ip netns exec $NET_SENSOR "$@"; }
in_server() { ip netns exec $NET_SERVER "$@"; }

net_certificate()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj \
        "/CN=secret.example" \
        -addext "subjectAltName=DNS:secret.example,DNS:*.bad.example,DNS:good.example" \
        -keyout "$NET_DIR/key.pem" -out "$NET_DIR/cert.pem" 2> /dev/null
}

net_servers()
{
    net_certificate
    mkdir -p "$NET_DIR/www" "$NET_DIR/nginx"
    head -c 1000000 /dev/urandom > "$NET_DIR/www/tool.exe"
    head -c 300000 /dev/urandom > "$NET_DIR/www/film.mkv"
    echo '<html>hello</html>' > "$NET_DIR/www/index.html"
    cat > "$NET_DIR/nginx.conf" <<TEXT
user root;
worker_processes 1;
pid $NET_DIR/nginx/pid;
error_log $NET_DIR/nginx/error.log;
events { worker_connections 256; }
http {
    access_log off;
    types { text/html html; application/x-msdownload exe; video/x-matroska mkv; }
    client_body_temp_path $NET_DIR/nginx/body; proxy_temp_path $NET_DIR/nginx/proxy;
    fastcgi_temp_path $NET_DIR/nginx/fastcgi; uwsgi_temp_path $NET_DIR/nginx/uwsgi; scgi_temp_path $NET_DIR/nginx/scgi;
    server {
        listen 80; listen [::]:80;
        listen 443 ssl; listen [::]:443 ssl;
        ssl_certificate $NET_DIR/cert.pem; ssl_certificate_key $NET_DIR/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        root $NET_DIR/www;
    }
}
TEXT
    ip netns exec $NET_SERVER nginx -p "$NET_DIR/nginx" -c "$NET_DIR/nginx.conf" -g 'daemon off;' \
        > "$NET_DIR/nginx.out" 2>&1 &
    NET_PIDS="$NET_PIDS $!"
    ip netns exec $NET_SERVER dnsmasq --keep-in-foreground --no-resolv --no-hosts --no-daemon \
        --port=53 --listen-address=192.0.2.53 \
        --bind-interfaces --user=root --pid-file= --local-ttl=300 \
        --log-facility="$NET_DIR/dnsmasq.log" \
        --host-record=files.bad.example,198.51.100.7 --host-record=secret.example,203.0.113.9 \
        --host-record=good.example,192.0.2.80,2001:db8::80 --host-record=later.example,192.0.2.80 \
        --cname=mirror.bad.example,files.bad.example > "$NET_DIR/dnsmasq.out" 2>&1 &
    NET_PIDS="$NET_PIDS $!"
    mkdir -p "/etc/netns/$NET_CLIENT"
    echo "nameserver 192.0.2.53" > "/etc/netns/$NET_CLIENT/resolv.conf"
    net_wait 10 in_client curl -s -o /dev/null http://192.0.2.80/ &&
        net_wait 10 in_client dig +short +time=1 +tries=1 @192.0.2.53 good.example
}

# net_wait SECONDS COMMAND...: until it succeeds.
net_wait()
{
    tries=$(($1 * 10))
    shift
    while ! "$@" > /dev/null 2>&1; do
        tries=$((tries - 1))
        if [ $tries -le 0 ]; then
            echo "gave up waiting for: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

net_down()
{
    for pid in $NET_PIDS; do
        kill "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    NET_PIDS=
    rm -rf "/etc/netns/$NET_CLIENT"
    for ns in $NET_CLIENT $NET_SENSOR $NET_SERVER; do
        ip netns del "$ns" 2> /dev/null
    done
    return 0
}
