<?php
// Recevoir : lire le flux, télécharger, répondre : php receive.php dossier
// La place dans le flux est gardée dans dossier/curseur.
require __DIR__ . '/chorale.php';

$place = "$argv[1]/curseur";
$cursor = is_file($place) ? file_get_contents($place) : '0';
$page = call('GET', "/v1/events?limit=100&cursor=$cursor");
$moves = [];
foreach ($page['items'] as $event) {
    if (($event['data']['status'] ?? '') !== 'MADE_AVAILABLE') {
        continue;
    }
    $id = $event['subject'];
    $pivot = call('GET', "/v1/invoices/$id/documents/pivot");
    file_put_contents("$argv[1]/$id.xml", $pivot['body']);
    $moves[] = ['invoice_id' => $id, 'action' => 'service_done'];
}
if ($moves) {
    $answer = call('POST', '/v1/moves', json_encode(['items' => $moves]), [
        'Content-Type: application/json',
        "Idempotency-Key: service-fait-$cursor-{$page['next_cursor']}",
    ]);
    echo json_encode($answer), "\n";
}
file_put_contents($place, $page['next_cursor']); // en dernier : une coupure relit la page
