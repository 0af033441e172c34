# Server of the DNS tunnel iodine.
exec iodined -f -c -P secret 10.99.0.1 t.example
