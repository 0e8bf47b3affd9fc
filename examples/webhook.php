<?php
// Vérifier un appel de webhook : son corps sur l'entrée, ses en-têtes et le secret autour.
$body = stream_get_contents(STDIN);
[$id, $at, $signatures] = array_map('getenv', ['WEBHOOK_ID', 'WEBHOOK_TIMESTAMP', 'WEBHOOK_SIGNATURE']);
$key = base64_decode(substr(getenv('CHORALE_WEBHOOK_SECRET'), strlen('whsec_')));
$wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
$signed = array_filter(explode(' ', $signatures), fn ($one) => hash_equals($wanted, $one));
if (!$signed || abs(time() - (int) $at) > 300) {
    fwrite(STDERR, "refusé\n"); // répondez 400 ; un appel vieux de cinq minutes est un rejeu
    exit(1);
}
echo json_decode($body, true)['id'], "\n"; // répondez 204, et ne traitez qu'une fois chaque id
