# Web server with pages, large files, a password-protected part and a form; HTTP on 80, HTTPS on 443.
mkdir -p $D/www/a $D/tmp
cd $D
for n in $(seq 40); do head -c $((n * n * 37 + 400)) /dev/urandom >www/a/$n.png; done
head -c 4000000 /dev/urandom >www/big.bin
for p in index news about; do
  { echo "<html><head><title>$p</title></head><body>"
    for n in $(seq 40); do echo "<img src=/a/$n.png> <a href=/news.html>news</a> <a href=/about.html>about</a>"; done
    echo "</body></html>"; } >www/$p.html
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out cert -days 2 -subj /CN=$HOST.office.example 2>/dev/null
echo "alice:$(openssl passwd -apr1 $PASSWORD)" >htpasswd
cat >conf <<C
user root;
worker_processes 1;
daemon off;
pid $D/pid;
error_log $D/error warn;
events { worker_connections 600; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path $D/tmp/b; proxy_temp_path $D/tmp/p; fastcgi_temp_path $D/tmp/f; uwsgi_temp_path $D/tmp/u; scgi_temp_path $D/tmp/s;
  client_max_body_size 50m;
  limit_rate ${RATE:-3m};
  server {
    listen 80 default_server; listen [::]:80 default_server; listen 443 ssl default_server; listen [::]:443 ssl default_server;
    ssl_certificate $D/cert; ssl_certificate_key $D/key;
    root $D/www;
    location /big.bin { limit_rate 350k; }
    location /private/ { auth_basic "staff"; auth_basic_user_file $D/htpasswd; alias $D/www/; }
    location /login { return 200 "<html>wrong user name or password</html>"; }
    location /upload { proxy_pass http://127.0.0.1:8081; }
    location /status { return 200 "{\"ok\":true}"; }
  }
  server { listen 127.0.0.1:8081; return 204; } # behind a proxy, because return alone does not wait for the body
}
C
exec nginx -c $D/conf
