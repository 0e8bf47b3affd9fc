<?php
// Ce que les exemples en PHP partagent : un jeton, puis des appels.

function call(string $method, string $path, ?string $body = null, array $headers = []): array
{
    static $token = null;
    $url = getenv('CHORALE_URL');
    if ($token === null) {
        $login = getenv('CHORALE_CLIENT_ID') . ':' . getenv('CHORALE_CLIENT_SECRET');
        $token = request('POST', "$url/oauth2/token", 'grant_type=client_credentials', [
            'Authorization: Basic ' . base64_encode($login),
            'Content-Type: application/x-www-form-urlencoded',
        ]);
        $token = json_decode($token, true)['access_token'];
    }
    $answer = request($method, $url . $path, $body, ["Authorization: Bearer $token", ...$headers]);
    return json_decode($answer, true) ?? ['body' => $answer];
}

function request(string $method, string $url, ?string $body, array $headers): string
{
    $options = ['method' => $method, 'header' => $headers, 'ignore_errors' => true];
    $options += $body === null ? [] : ['content' => $body];
    $answer = file_get_contents($url, false, stream_context_create(['http' => $options]));
    $status = (int) explode(' ', $http_response_header[0])[1];
    if ($answer === false || $status >= 400) {
        fwrite(STDERR, "$method $url : $status $answer\n");
        exit(1);
    }
    return $answer;
}
