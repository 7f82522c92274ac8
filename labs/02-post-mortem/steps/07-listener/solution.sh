kubectl delete pod backend -n lab-networking
kubectl run backend --namespace lab-networking \
  --image=registry.k8s.io/e2e-test-images/agnhost:2.53 --labels="app=backend,tier=api" \
  -- netexec --http-port=8080
kubectl wait --for=condition=Ready pod/backend --namespace lab-networking --timeout=60s
