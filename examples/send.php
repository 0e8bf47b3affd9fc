<?php
// Déposer un fichier et attendre son rapport : php send.php facture.xml
require __DIR__ . '/chorale.php';

$file = $argv[1];
$data = file_get_contents($file);
$border = bin2hex(random_bytes(16));
$form = "--$border\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
    . basename($file) . "\"\r\nContent-Type: application/octet-stream\r\n\r\n$data\r\n--$border--\r\n";
$deposit = call('POST', '/v1/deposits', $form, [
    "Content-Type: multipart/form-data; boundary=$border",
    'Idempotency-Key: ' . hash('sha256', $data),
]);
$report = call('GET', "/v1/deposits/{$deposit['id']}?wait=30");
echo json_encode($report, JSON_UNESCAPED_UNICODE), "\n";
